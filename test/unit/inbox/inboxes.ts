import { afterAll, afterEach, vi } from "vitest";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import type { Inbox, InboxOptions, Process, ReceivedDelivery } from "../../../src/inbox.ts";
import { hasSqlite, makeFolder } from "../../fixtures/files.ts";

/** The inboxes that a test opened, which are stopped after it. */
export const open: Inbox[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((inbox) => inbox.stop({ graceMs: 0 })));
});

/** A delivery as the handler hands it to an inbox. */
export function received(deliveryId: string, differences: Partial<ReceivedDelivery> = {}): ReceivedDelivery {
  return {
    deliveryId,
    receivedAt: new Date(),
    url: "https://example.com/webhooks/copernica",
    headers: new Headers({ "content-type": "application/json" }),
    body: new TextEncoder().encode("{}"),
    event: { name: "profile.create", profile: 1, database: 2 },
    ...differences,
  };
}

/** A delivery of a profile. */
export function ofProfile(profile: number, deliveryId: string): ReceivedDelivery {
  return received(deliveryId, { event: { name: "profile.create", profile } });
}

/** Attempts that follow each other at once, and nothing printed. */
export const QUICK: InboxOptions = { backoff: { firstMs: 1, mostMs: 5 }, onWarning: () => {} };

const folder = hasSqlite ? makeFolder() : undefined;
afterAll(() => folder?.remove());
let files = 0;

type MakeInbox = (options: InboxOptions) => Inbox;

/** The kinds of inbox that run here; each has to do the same. */
export const kinds: { name: string; make: MakeInbox }[] = [{ name: "memory", make: memoryInbox }];
if (folder !== undefined) {
  kinds.push({
    name: "SQLite",
    make(options) {
      files += 1;
      return sqliteInbox(folder.path(`inbox-${files}.db`), options);
    },
  });
}

/** Opens an inbox whose deliveries go to a function. */
export function start(make: MakeInbox, process: Process, options: InboxOptions = {}, timeoutMs = 1_000): Inbox {
  const inbox = make({ ...QUICK, ...options });
  open.push(inbox);
  inbox.work(process, { timeoutMs });
  return inbox;
}

/** How long a test waits for what is to come, in milliseconds: longer than a busy machine takes. */
const PATIENCE_MS = 60_000;

/** Waits until what is expected has come. */
export async function eventually(expected: () => unknown): Promise<void> {
  await vi.waitFor(expected, { timeout: PATIENCE_MS, interval: 5 });
}

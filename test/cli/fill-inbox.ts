/**
 * Fills the file of an inbox with deliveries named `d-<number>`, and ends. Its one parameter is a {@link Filling} in JSON.
 */
import process from "node:process";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { encodeForm, samples } from "../../src/testing.ts";

/** What an inbox is filled with. */
export interface Filling {
  /** The file of the inbox. */
  readonly path: string;
  /** How many deliveries there are. */
  readonly total: number;
  /** How many profiles they are about. */
  readonly profiles: number;
  /** At how many attempts each of them fails, and is discarded then; they are only stored if it is left out. */
  readonly attempts?: number;
}

const { path, total, profiles, attempts }: Filling = JSON.parse(process.argv.at(-1) ?? "{}");
const inbox = sqliteInbox(path, { work: attempts !== undefined, attempts: attempts ?? 1, backoff: { firstMs: 0 } });
if (attempts !== undefined) {
  const fail = ({ deliveryId }: { readonly deliveryId: string }): never => {
    throw new Error(`No luck with ${deliveryId}.`);
  };
  inbox.work(fail, { timeoutMs: 60_000 });
}

const sample = samples["profile.update"];
const receiveOne = (number: number): Promise<unknown> => {
  const deliveryId = `d-${number}`;
  const profile = 1 + (number % profiles);
  return inbox.receive({
    deliveryId,
    receivedAt: new Date(),
    url: "https://example.com/webhooks/copernica",
    headers: new Headers({ "content-type": "application/x-www-form-urlencoded", date: new Date().toUTCString() }),
    body: new TextEncoder().encode(encodeForm({ ...sample, parameters: { call: deliveryId }, profile })),
    event: { name: "profile.update", profile, database: 1 },
  });
};
await Promise.all(Array.from({ length: total }, (_, index) => receiveOne(index + 1)));

for (;;) {
  const { available, running, retryable } = await inbox.stats();
  if (attempts === undefined || available + running + retryable === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await inbox.stop();

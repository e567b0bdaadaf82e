import type { InboxPolicy, InboxStore } from "../store.ts";
import { createAdd } from "./add.ts";
import type { Database, Statement } from "./driver.ts";
import { createFailures } from "./failures.ts";
import { createFinding } from "./find.ts";
import { openFile } from "./open.ts";
import { createOrder } from "./order.ts";
import { createRevision } from "./revise.ts";
import { STATE_NUMBERS } from "./schema.ts";
import { createSettle, type Lease } from "./settle.ts";
import { createSpace } from "./space.ts";
import { createSummary } from "./summary.ts";
import { createSweep, PROCESS_ENDED } from "./sweep.ts";
import { createTaking } from "./take.ts";
import { hasWalBug } from "./version.ts";
import { createWriting } from "./write.ts";

/** How often to look for what other processes have stored, in milliseconds. */
const POLL_MS = 200;

/**
 * Opens the store of an inbox in a file of SQLite.
 *
 * @param path Where the file is; it is made if it is not there.
 * @param policy The options that it has to heed.
 */
export function openSqliteStore(path: string, policy: InboxPolicy): InboxStore {
  let discardedAtOpening: readonly string[] = [];
  const file = openFile(path, (database) => {
    discardedAtOpening = endOrphans(database, policy);
  });
  if (!file.isAlone && hasWalBug(file.version)) {
    policy.warn(
      `SQLite ${file.version} has a bug that can corrupt ${path} when several processes write to it: use a runtime with 3.51.3 or newer.`,
    );
  }
  const { database } = file;
  const { maxBytes, keep } = policy;
  const summary = createSummary(database);
  const order = createOrder(database);
  const failures = createFailures(database);
  const space = createSpace(database);
  const { write, writeBack } = createWriting(file, summary, path);
  const add = createAdd({ database, summary, failures, space, maxBytes });
  const settle = createSettle({ database, summary, order, failures, policy });
  const taking = createTaking({ database, summary, order });
  const finding = createFinding({ database, summary, failures, space });
  const revision = createRevision({ database, summary, order });
  const sweep = createSweep({ database, summary, failures, settle, write, writeBack, keep });

  return {
    pollMs: POLL_MS,
    add: (deliveries) => write("durable", () => add(deliveries)),
    async exchange(settlements, limit, leaseMs) {
      if (settlements.length === 0) {
        const nextDueMs = limit > 0 ? taking.dueInMs() : undefined;
        if (nextDueMs !== 0) return { settled: [], taken: [], nextDueMs };
      }
      const { settled, claims } = await write("relaxed", () => ({
        settled: settlements.map(({ taken, failure }) => settle(leaseOf(taken), taken.attempt, failure)),
        claims: limit > 0 ? taking.take(limit, leaseMs) : [],
      }));
      const taken = claims.map(taking.read);
      return { settled, taken, nextDueMs: taken.length === 0 ? taking.dueInMs() : undefined };
    },
    async sweep() {
      const { discarded, hasMore } = await sweep();
      const all = [...discardedAtOpening, ...discarded];
      discardedAtOpening = [];
      return { discarded: all, hasMore };
    },
    stats: () => finding.stats(),
    list: (filter, limit, cursor) => finding.list(filter, limit, cursor),
    get: (deliveryId) => finding.get(deliveryId),
    replay: (deliveryIds) => write("relaxed", () => revision.replay(deliveryIds)),
    discard: (deliveryId) => write("relaxed", () => revision.discard(deliveryId)),
    async close() {
      await writeBack.whenDone();
      file.close();
    },
  };
}

/** The lease of what this store has given out. */
function leaseOf({ lease }: { readonly lease: unknown }): Lease {
  return lease as Lease; // as take.ts made it: it means nothing to others
}

/**
 * Settles the attempts of processes that are gone, while no other has the file open: nobody need wait for their leases.
 * Returns the deliveries whose last attempt it was.
 */
function endOrphans(database: Database, policy: InboxPolicy): string[] {
  const orphans: Statement<{
    id: number;
    fence: number;
    attempt: number;
    order_key: number | null;
    delivery_id: string;
  }> = database.prepare(
    `SELECT id, fence, attempt, order_key, delivery_id FROM work JOIN delivery USING (id)
      WHERE state = ${STATE_NUMBERS.running} AND at IS NOT NULL`,
  );
  const summary = createSummary(database);
  const order = createOrder(database);
  const settle = createSettle({ database, summary, order, failures: createFailures(database), policy });
  const discarded = orphans.all().filter(({ id, fence, attempt, order_key: orderKey }) => {
    return settle({ id, fence, orderKey }, attempt, { message: PROCESS_ENDED, isFinal: false }) === "discarded";
  });
  summary.save();
  return discarded.map(({ delivery_id: deliveryId }) => deliveryId);
}

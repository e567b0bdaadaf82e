import type { Database, Statement } from "./driver.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Order } from "./order.ts";
import { STATE_NUMBERS, stateOf } from "./schema.ts";
import type { Summary } from "./summary.ts";

/** What changing the state of deliveries by hand needs. */
export interface RevisionSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly order: Order;
}

/** Changes the state of deliveries by hand, within a transaction. */
export interface Revision {
  /** Makes deliveries available that are settled or retryable; returns how many. */
  readonly replay: (deliveryIds: readonly string[]) => number;
  /** Gives a delivery up that is available or retryable; returns whether it was. */
  readonly discard: (deliveryId: string) => boolean;
}

interface WorkRow {
  readonly id: number;
  readonly state: number;
  readonly order_key: number | null;
  readonly received_at: number;
  readonly at: number | null;
}

/** Makes what changes the state of deliveries by hand. */
export function createRevision({ database, summary, order }: RevisionSettings): Revision {
  const find: Statement<WorkRow> = database.prepare(
    `SELECT id, state, order_key, received_at, at FROM delivery JOIN work USING (id)
      WHERE fingerprint = ? AND delivery_id = ?`,
  );
  const replay = database.prepare(
    `UPDATE work SET state = ${STATE_NUMBERS.available}, at = ?, attempt = 0 WHERE id = ?`,
  );
  const discard = database.prepare(`UPDATE work SET state = ${STATE_NUMBERS.discarded}, at = ? WHERE id = ?`);

  return {
    replay(deliveryIds) {
      let replayed = 0;
      for (const deliveryId of deliveryIds) {
        const row = find.get(fingerprint(deliveryId), deliveryId);
        const state = row && stateOf(row.state);
        if (row === undefined || state === "available" || state === "running") continue;
        // A retryable one is the first of its key, and holds the others itself.
        const isHeld = state !== "retryable" && order.isHeld(row.order_key);
        replay.run(isHeld ? null : row.received_at, row.id);
        summary.move(state, "available");
        replayed += 1;
      }
      return replayed;
    },
    discard(deliveryId) {
      const row = find.get(fingerprint(deliveryId), deliveryId);
      const state = row && stateOf(row.state);
      if (row === undefined || (state !== "available" && state !== "retryable")) return false;
      discard.run(Date.now(), row.id);
      // One that waits for another of its key holds nobody.
      if (row.at !== null) order.promoteNext(row.order_key);
      summary.move(state, "discarded");
      return true;
    },
  };
}

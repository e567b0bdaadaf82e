import type { Database, Statement } from "./driver.ts";
import { IS_QUEUED, STATE_NUMBERS } from "./schema.ts";

/** The order of deliveries with one key: of those that are queued, all but one have no `at`, so that nobody takes them. */
export interface Order {
  /** Whether a delivery of this key is queued. */
  readonly isHeld: (orderKey: number | null) => boolean;
  /** Lets the first queued delivery of a key be taken, after the one before it was settled. */
  readonly promoteNext: (orderKey: number | null) => void;
}

/** Makes what keeps the order of a file. Its functions are called within a transaction. */
export function createOrder(database: Database): Order {
  const first: Statement<{ id: number; at: number | null }> = database.prepare(
    `SELECT id, at FROM work WHERE order_key = ? AND ${IS_QUEUED} ORDER BY id LIMIT 1`,
  );
  const promote = database.prepare(
    `UPDATE work SET at = received_at WHERE id = ? AND state = ${STATE_NUMBERS.available}`,
  );
  return {
    isHeld(orderKey) {
      return orderKey !== null && first.get(orderKey) !== undefined;
    },
    promoteNext(orderKey) {
      if (orderKey === null) return;
      const next = first.get(orderKey);
      if (next !== undefined && next.at === null) promote.run(next.id);
    },
  };
}

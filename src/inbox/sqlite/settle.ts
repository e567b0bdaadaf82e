import { backoffMs } from "../backoff.ts";
import type { InboxPolicy, SettledState, Settlement } from "../store.ts";
import type { Database } from "./driver.ts";
import type { Failures } from "./failures.ts";
import type { Order } from "./order.ts";
import { STATE_NUMBERS } from "./schema.ts";
import type { Summary } from "./summary.ts";

/** What an attempt is known by. */
export interface Lease {
  /** The delivery's id in the file. */
  readonly id: number;
  /** How often it had been taken at all, this attempt included. */
  readonly fence: number;
  readonly orderKey: number | null;
}

/** What settling attempts needs. */
export interface SettleSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly order: Order;
  readonly failures: Failures;
  readonly policy: Pick<InboxPolicy, "attempts" | "backoff">;
}

/** Settles an attempt, within a transaction. */
export type Settle = (lease: Lease, attempt: number, failure: Settlement["failure"]) => SettledState;

/** Makes the function that settles attempts. */
export function createSettle({ database, summary, order, failures, policy }: SettleSettings): Settle {
  const update = database.prepare(
    `UPDATE work SET state = ?, at = ? WHERE id = ? AND fence = ? AND state = ${STATE_NUMBERS.running}`,
  );

  return ({ id, fence, orderKey }, attempt, failure) => {
    let state: Exclude<SettledState, "lost"> = "completed";
    let at = Date.now();
    if (failure !== undefined) {
      state = failure.isFinal || attempt >= policy.attempts ? "discarded" : "retryable";
      if (state === "retryable") at += backoffMs(policy.backoff, attempt);
    }
    if (Number(update.run(STATE_NUMBERS[state], at, id, fence).changes) === 0) return "lost";
    if (failure !== undefined) failures.add({ id, fence, attempt }, failure.message);
    if (state !== "retryable") order.promoteNext(orderKey);
    summary.move("running", state);
    return state;
  };
}

import type { DeliveryState } from "../delivery.ts";
import type { Database, Statement } from "./driver.ts";

/** The one row of the table `summary`. */
interface SummaryRow extends Readonly<Record<DeliveryState, number>> {
  readonly last_id: number;
  readonly queued_id: number;
  readonly watched_ms: number;
}

/** The counters of a file: kept as deliveries change, as counting a million of them takes too long. */
export interface Summary {
  /** The counters as they were when the transaction began. */
  readonly read: () => SummaryRow;
  /** Notes, within a transaction, that deliveries changed their state; `undefined` is not to be there at all. */
  readonly move: (from: DeliveryState | undefined, to: DeliveryState | undefined) => void;
  /** Notes, within a transaction, that ids were given out. */
  readonly giveOut: (ids: number) => void;
  /** Writes what was noted, at the end of a transaction. */
  readonly save: () => void;
  /** Forgets what was noted, after a transaction that failed. */
  readonly forget: () => void;
}

/** Makes the counters of a file. */
export function createSummary(database: Database): Summary {
  const select: Statement<SummaryRow> = database.prepare("SELECT * FROM summary");
  const update = database.prepare(
    `UPDATE summary SET available = available + ?, running = running + ?, retryable = retryable + ?,
      completed = completed + ?, discarded = discarded + ?, last_id = last_id + ?`,
  );
  let moved: Record<DeliveryState, number> = none();
  let givenOut = 0;
  let isChanged = false;

  function forget(): void {
    moved = none();
    givenOut = 0;
    isChanged = false;
  }

  return {
    read() {
      const row = select.get();
      if (row === undefined) throw new Error("The inbox's table summary is empty.");
      return row;
    },
    move(from, to) {
      if (from !== undefined) moved[from] -= 1;
      if (to !== undefined) moved[to] += 1;
      isChanged = true;
    },
    giveOut(ids) {
      givenOut += ids;
      isChanged = true;
    },
    save() {
      if (!isChanged) return;
      const { available, running, retryable, completed, discarded } = moved;
      update.run(available, running, retryable, completed, discarded, givenOut);
      forget();
    },
    forget,
  };
}

function none(): Record<DeliveryState, number> {
  return { available: 0, running: 0, retryable: 0, completed: 0, discarded: 0 };
}

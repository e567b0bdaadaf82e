import { type AttemptError, MAX_KEPT_ERRORS } from "../delivery.ts";
import type { Database, Statement } from "./driver.ts";

/** Which attempt failed. */
interface FailedAttempt {
  /** The delivery's id in the file. */
  readonly id: number;
  /** How often it had been taken at all. */
  readonly fence: number;
  /** Which attempt it was since the delivery came in or was replayed. */
  readonly attempt: number;
}

/** The errors of attempts. */
export interface Failures {
  /** Keeps the error of an attempt, within a transaction. */
  readonly add: (attempt: FailedAttempt, message: string) => void;
  /** The errors of a delivery, oldest first. */
  readonly list: (id: number) => AttemptError[];
  /** Removes the errors of a delivery, within a transaction. */
  readonly remove: (id: number) => void;
}

/** Makes what keeps the errors of attempts. */
export function createFailures(database: Database): Failures {
  const insert = database.prepare("INSERT INTO failure VALUES (?, ?, ?, ?, ?)");
  const removeOld = database.prepare("DELETE FROM failure WHERE id = ? AND fence <= ?");
  const select: Statement<{ attempt: number; at: number; message: string }> = database.prepare(
    "SELECT attempt, at, message FROM failure WHERE id = ? ORDER BY fence",
  );
  const remove = database.prepare("DELETE FROM failure WHERE id = ?");
  return {
    add({ id, fence, attempt }, message) {
      insert.run(id, fence, attempt, Date.now(), message);
      if (fence > MAX_KEPT_ERRORS) removeOld.run(id, fence - MAX_KEPT_ERRORS);
    },
    list: (id) => select.all(id).map(({ attempt, at, message }) => ({ attempt, at: new Date(at), message })),
    remove: (id) => void remove.run(id),
  };
}

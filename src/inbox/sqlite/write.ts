import { InboxUnavailableError } from "../errors.ts";
import { type Database, isSqliteError } from "./driver.ts";
import type { Summary } from "./summary.ts";

/** How long to wait for a lock of another process before what is to be written is refused, in milliseconds. */
const LOCK_WAIT_MS = 2_000;

/** How long SQLite itself waits for a lock, in milliseconds. It blocks the process meanwhile, so it is short. */
export const BLOCKING_WAIT_MS = 5;

/** The most time between two tries to get a lock, in milliseconds. */
const MAX_RETRY_MS = 20;

/**
 * - `durable`: on disk when it is done, whatever happens then;
 * - `relaxed`: outlives the process, but a power cut may undo it. It costs no sync.
 */
type Durability = "durable" | "relaxed";

/** Does work in one transaction. */
export type Write = <Result>(durability: Durability, work: () => Result) => Promise<Result>;

/** Makes the function that writes to a file, and waits for others who do. */
export function createWrite(database: Database, summary: Summary, path: string): Write {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let current: Durability | undefined;

  function transact<Result>(durability: Durability, work: () => Result): Result {
    if (durability !== current) {
      database.exec(`PRAGMA synchronous = ${durability === "durable" ? "FULL" : "NORMAL"}`);
      current = durability;
    }
    begin.run();
    try {
      const result = work();
      summary.save();
      commit.run();
      return result;
    } catch (error) {
      summary.forget();
      rollBack(database);
      throw error;
    }
  }

  return async (durability, work) => {
    const giveUpAt = performance.now() + LOCK_WAIT_MS;
    for (;;) {
      try {
        return transact(durability, work);
      } catch (cause) {
        if (cause instanceof InboxUnavailableError) throw cause;
        if (!isSqliteError(cause, "busy")) {
          const reason = cause instanceof Error ? cause.message : String(cause);
          throw new InboxUnavailableError(`The inbox ${path} can't be written: ${reason}.`, { cause });
        }
        if (performance.now() > giveUpAt) {
          throw new InboxUnavailableError(
            `The inbox ${path} can't be written: another process has held its lock for ${LOCK_WAIT_MS} ms.`,
            { cause },
          );
        }
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_RETRY_MS));
    }
  };
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full: what made it do so is thrown.
  }
}

import { InboxUnavailableError } from "../errors.ts";
import { type Database, isSqliteError } from "./driver.ts";
import type { Summary } from "./summary.ts";
import { createWriteBack, type WriteBack } from "./write-back.ts";

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

/** What writes to a file. */
export interface Writing {
  readonly write: Write;
  readonly writeBack: WriteBack;
}

/** What writing to a file needs: see `OpenFile`. */
interface WriteSettings {
  readonly database: Database;
  readonly sync: (() => Promise<void>) | undefined;
}

/** Makes what writes to a file, and waits for others who do. */
export function createWriting({ database, sync }: WriteSettings, summary: Summary, path: string): Writing {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let current: "FULL" | "NORMAL" | undefined;
  let syncFailure: { readonly cause: unknown } | undefined;

  function transact<Result>(durability: Durability, work: () => Result): Result {
    const wanted = durability === "durable" && sync === undefined ? "FULL" : "NORMAL";
    if (wanted !== current) {
      database.exec(`PRAGMA synchronous = ${wanted}`);
      current = wanted;
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

  /** Has what was committed synced. Once that has failed, nobody knows what of the log is on disk, nor if a later sync succeeds. */
  async function ensureSynced(): Promise<void> {
    try {
      if (syncFailure === undefined) await sync?.();
    } catch (cause) {
      syncFailure = { cause };
    }
    if (syncFailure === undefined) return;
    throw new InboxUnavailableError(
      `The inbox ${path} could not be synced: mend the disk, and start again.`,
      syncFailure,
    );
  }

  const writeBack = createWriteBack(database, ensureSynced);

  async function write<Result>(durability: Durability, work: () => Result): Promise<Result> {
    const giveUpAt = performance.now() + LOCK_WAIT_MS;
    for (;;) {
      try {
        const result = transact(durability, work);
        if (durability === "durable") await ensureSynced();
        writeBack.transacted();
        return result;
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
  }

  return { write, writeBack };
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full: what made it do so is thrown.
  }
}

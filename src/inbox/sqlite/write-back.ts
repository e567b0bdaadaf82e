import type { Database } from "./driver.ts";

/** How long writing the log back to the file is to block this process, in milliseconds. */
const TARGET_MS = 8;

/**
 * How many rows are changed before the log is written back: as many as the disk takes in that time, but never so few that a
 * disk that takes longer for a single page does nothing else.
 */
const ROWS = { least: 256, first: 1_000, most: 4_000 } as const;

/** How much that may grow, and shrink, by one time. */
const CHANGE = { more: 1.25, fewer: 0.5 } as const;

/** What writes the log back to the file, little by little: SQLite itself would do it seldom, and block for long then. */
export interface WriteBack {
  /** Called after each transaction: begins to write back, in a turn of its own, if there is enough to be. */
  readonly transacted: () => void;
  /** How many rows may be changed before it is written back. */
  readonly rows: () => number;
  /** Resolves once nothing is being written back. */
  readonly whenDone: () => Promise<void>;
  /** Throws what made it fail, if it has since this was called last. */
  readonly check: () => void;
}

/** Makes what writes the log back; `sync` syncs it first, as that would block, too, and nothing need wait for it. */
export function createWriteBack(database: Database, sync: () => Promise<void>): WriteBack {
  const count = database.prepare<{ changes: number }>("SELECT total_changes() AS changes");
  let rows: number = ROWS.first;
  let writtenBack = changes();
  let running: Promise<void> | undefined;
  let failure: { readonly cause: unknown } | undefined;

  function changes(): number {
    return count.get()?.changes ?? 0;
  }

  async function writeBack(): Promise<void> {
    try {
      await sync();
      const changed = changes();
      const began = performance.now();
      database.exec("PRAGMA wal_checkpoint(PASSIVE)");
      const fitting = (changed - writtenBack) * (TARGET_MS / (performance.now() - began));
      rows = within(ROWS.least, within(rows * CHANGE.fewer, fitting, rows * CHANGE.more), ROWS.most);
      writtenBack = changed;
    } catch (cause) {
      failure = { cause };
    }
    running = undefined;
  }

  return {
    transacted() {
      if (running === undefined && changes() - writtenBack >= rows) running = writeBack();
    },
    rows: () => rows,
    async whenDone() {
      await running;
    },
    check() {
      const failed = failure;
      failure = undefined;
      if (failed !== undefined) throw failed.cause;
    },
  };
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

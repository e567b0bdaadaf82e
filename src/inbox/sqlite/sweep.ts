import { type InboxPolicy, LEASE_ENDED, LEASE_SLACK, type Sweep } from "../store.ts";
import type { Database, Statement } from "./driver.ts";
import type { Failures } from "./failures.ts";
import { STATE_NUMBERS } from "./schema.ts";
import type { Settle } from "./settle.ts";
import type { Summary } from "./summary.ts";
import type { Write } from "./write.ts";
import type { WriteBack } from "./write-back.ts";

/** How long one slice of removing may block this process and others, in milliseconds. */
const SLICE_MS = 5;

/** How many deliveries of a state one slice removes at most. */
const MAX_SLICE_LENGTH = 250;

/** How many rows a delivery has: those of its own, of its work and, it may be, of a failure. */
const ROWS_PER_DELIVERY = 3;

/** How much the clock may differ from a steady one before it has been set, in milliseconds. */
const CLOCK_TOLERANCE_MS = 1_000;

/** What sweeping needs. */
export interface SweepSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly failures: Failures;
  readonly settle: Settle;
  readonly write: Write;
  readonly writeBack: WriteBack;
  readonly keep: InboxPolicy["keep"];
}

interface RunningRow {
  readonly id: number;
  readonly fence: number;
  readonly attempt: number;
  readonly at: number;
  readonly order_key: number | null;
  readonly delivery_id: string;
}

/** Makes the function that does what has to be done from time to time. */
export function createSweep(settings: SweepSettings): () => Promise<Sweep> {
  const { writeBack } = settings;
  const endLeases = createLeaseKeeper(settings);
  const remove = createRemover(settings);
  const mendRetries = createClockKeeper(settings);
  return async () => {
    writeBack.check();
    await mendRetries();
    return { discarded: await endLeases(), hasMore: await remove() };
  };
}

/**
 * Ends the leases of attempts whose process is gone or stands still.
 *
 * Leases are timed by `watched_ms`, a clock of the file's own, as the clock of the machine can be set, and each process has a
 * steady one of its own that says nothing to others. Who sees an attempt being made adds to it the time that it has itself
 * watched pass while nobody else did. So it never runs faster than time does, and a lease never ends early.
 */
function createLeaseKeeper({ database, summary, settle, write }: SweepSettings): () => Promise<string[]> {
  const runningOnes: Statement<RunningRow> = database.prepare(
    `SELECT id, fence, attempt, at, order_key, delivery_id FROM work JOIN delivery USING (id)
      WHERE state = ${STATE_NUMBERS.running} AND at IS NOT NULL ORDER BY at`,
  );
  const advance = database.prepare("UPDATE summary SET watched_ms = ?");
  let seenClock = Number.NaN;
  let seenAt = 0;

  return async () => {
    const attempts = runningOnes.all();
    if (attempts.length === 0) {
      seenClock = Number.NaN;
      return [];
    }
    return await write("relaxed", () => {
      let { watched_ms: clock } = summary.read();
      const now = performance.now();
      if (clock === seenClock) {
        clock += Math.floor(now - seenAt);
        advance.run(clock);
      }
      seenClock = clock;
      seenAt = now;
      const discarded: string[] = [];
      for (const { id, fence, attempt, at, order_key: orderKey, delivery_id: deliveryId } of attempts) {
        if (at > clock) continue;
        const state = settle({ id, fence, orderKey }, attempt, { message: LEASE_ENDED, isFinal: false });
        if (state === "discarded") discarded.push(deliveryId);
      }
      return discarded;
    });
  };
}

/** When the lease of an attempt ends, by `watched_ms`. */
export function leaseEnd(watchedMs: number, leaseMs: number): number {
  return watchedMs + Math.ceil(leaseMs * LEASE_SLACK);
}

/** Why an attempt failed that was being made when the last process that had the file open ended. */
export const PROCESS_ENDED = "The process ended while the attempt was being made.";

/** Removes, a slice at a time, what has been kept long enough. Returns whether there is more. */
function createRemover({ database, summary, failures, write, writeBack, keep }: SweepSettings): () => Promise<boolean> {
  const select: Statement<{ id: number }> = database.prepare(
    "SELECT id FROM work WHERE state = ? AND at < ? ORDER BY at LIMIT ?",
  );
  const removeWork = database.prepare("DELETE FROM work WHERE id = ?");
  const removeDelivery = database.prepare("DELETE FROM delivery WHERE id = ?");

  function old(state: "completed" | "discarded", limit: number): { id: number; state: "completed" | "discarded" }[] {
    const before = Date.now() - keep[`${state}Ms`];
    return select.all(STATE_NUMBERS[state], before, limit).map(({ id }) => ({ id, state }));
  }

  function removeSlice(): boolean {
    const startedAt = performance.now();
    const length = Math.min(MAX_SLICE_LENGTH, Math.floor(writeBack.rows() / ROWS_PER_DELIVERY));
    const slice = [...old("completed", length), ...old("discarded", length)];
    for (const { id, state } of slice) {
      removeDelivery.run(id);
      removeWork.run(id);
      failures.remove(id);
      summary.move(state, undefined);
      if (performance.now() - startedAt > SLICE_MS) return true;
    }
    return slice.length >= length;
  }

  return async () => {
    if (old("completed", 1).length + old("discarded", 1).length === 0) return false;
    await writeBack.whenDone(); // else the slice would be written back with what was before
    return await write("relaxed", removeSlice);
  };
}

/** Makes due what waits for a time that the clock, set back, is far from. A clock set forward makes it due by itself. */
function createClockKeeper({ database, write }: SweepSettings): () => Promise<void> {
  const mend = database.prepare(
    `UPDATE work SET at = ? WHERE state = ${STATE_NUMBERS.retryable} AND at > ?
      AND (SELECT MAX(at) FROM failure WHERE failure.id = work.id) > ?`,
  );
  let offsetMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = Date.now();
    const seenMs = now - performance.now();
    if (Math.abs(seenMs - offsetMs) <= CLOCK_TOLERANCE_MS) return;
    offsetMs = seenMs;
    await write("relaxed", () => mend.run(now, now, now + CLOCK_TOLERANCE_MS));
  };
}

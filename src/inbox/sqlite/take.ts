import { LEASE_ENDED, type TakenDelivery } from "../store.ts";
import type { Database, Statement } from "./driver.ts";
import { type EventColumns, eventOf } from "./event.ts";
import type { Order } from "./order.ts";
import { ARRIVED, STATE_NUMBERS } from "./schema.ts";
import type { Lease } from "./settle.ts";
import type { Summary } from "./summary.ts";
import { leaseEnd, PROCESS_ENDED } from "./sweep.ts";

interface IdRow {
  readonly id: number;
}

interface RetryRow extends IdRow {
  readonly is_suspect: 0 | 1;
}

interface ArrivalRow extends IdRow {
  readonly order_key: number | null;
}

interface TakenRow extends EventColumns {
  readonly order_key: number | null;
  readonly attempt: number;
  readonly fence: number;
  readonly received_at: number;
}

interface DeliveryRow {
  readonly delivery_id: string;
  readonly url: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

/** Takes deliveries for attempts. */
export interface Taking {
  /** In how many milliseconds something is due: 0 if it is, undefined if nothing will be by itself. */
  readonly dueInMs: () => number | undefined;
  /** Takes up to `limit` deliveries, within a transaction. */
  readonly take: (limit: number, leaseMs: number) => Claim[];
  /** Reads what was taken. */
  readonly read: (claim: Claim) => TakenDelivery;
}

/** What was taken, not yet read. */
interface Claim {
  readonly lease: Lease;
  readonly row: TakenRow;
}

/** What taking deliveries needs. */
export interface TakingSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly order: Order;
}

/** The most deliveries that are queued at once: among many of one profile, those of others are looked for. */
const MAX_QUEUED_AT_ONCE = 1_000;

/** Among how many retries one is looked for that may be taken, when the first may not: as many as are worked on at once at most. */
const MAX_SUSPECTS = 1_000;

/** How many arrivals are read at once. */
const ARRIVALS_PAGE = 20;

/**
 * In SQL: whether nobody settled two attempts of a delivery, the latest of which was its `fence`th. It may be what brings its
 * process down, or was there when another did.
 */
function isSuspect(fence: string): string {
  return `(SELECT COUNT(*) FROM failure WHERE failure.id = work.id AND failure.fence IN (${fence} - 1, ${fence})
    AND message IN ('${LEASE_ENDED}', '${PROCESS_ENDED}')) = 2`;
}

/** Makes what takes deliveries. */
export function createTaking({ database, summary, order }: TakingSettings): Taking {
  const { available, running, retryable } = STATE_NUMBERS;
  const firstRetry: Statement<{ at: number }> = database.prepare(
    `SELECT at FROM work WHERE state = ${retryable} AND at IS NOT NULL ORDER BY at LIMIT 1`,
  );
  const nextRetry: Statement<{ at: number }> = database.prepare(
    `SELECT at FROM work WHERE state = ${retryable} AND at > ? ORDER BY at LIMIT 1`,
  );
  const retries: Statement<RetryRow> = database.prepare(
    `SELECT id, ${isSuspect("work.fence")} AS is_suspect FROM work
      WHERE state = ${retryable} AND at <= ? ORDER BY at, id LIMIT ?`,
  );
  const runningSuspect: Statement<IdRow> = database.prepare(
    `SELECT id FROM work WHERE state = ${running} AND at IS NOT NULL AND ${isSuspect("work.fence - 1")} LIMIT 1`,
  );
  const turns: Statement<IdRow> = database.prepare(
    `SELECT id FROM work WHERE state = ${available} AND at IS NOT NULL ORDER BY at, id LIMIT ?`,
  );
  const arrivals: Statement<ArrivalRow> = database.prepare(
    `SELECT id, order_key FROM work WHERE id > ? AND state = ${ARRIVED} ORDER BY id LIMIT ?`,
  );
  const queue = database.prepare(`UPDATE work SET state = ${available} WHERE id = ?`);
  const noteQueued = database.prepare("UPDATE summary SET queued_id = ?");
  const take: Statement<TakenRow> = database.prepare(
    `UPDATE work SET state = ${running}, at = ?, attempt = attempt + 1, fence = fence + 1 WHERE id = ?
      RETURNING order_key, attempt, fence, received_at, event, database, collection, profile, subprofile`,
  );
  const read: Statement<DeliveryRow> = database.prepare(
    "SELECT delivery_id, url, headers, body FROM delivery WHERE id = ?",
  );
  let retriesGoFirst = false;

  /** What is to be tried again by now; of what may bring its process down, one at a time. */
  function dueRetries(now: number, limit: number): readonly IdRow[] {
    const due = retries.all(now, limit);
    const suspect = due.find(({ is_suspect: isSuspect }) => isSuspect === 1);
    if (suspect === undefined) return due;
    const taken = runningSuspect.get() === undefined ? suspect : undefined;
    return due.filter((row) => row.is_suspect === 0 || row === taken);
  }

  /** Takes arrivals that no other delivery of their key holds, and queues those that one does. */
  function takeArrivals(limit: number, take: (id: number, from: "available") => void): void {
    let { queued_id: queuedId } = summary.read();
    const firstId = queuedId;
    let taken = 0;
    let queued = 0;
    while (taken < limit && queued < MAX_QUEUED_AT_ONCE) {
      const page = arrivals.all(queuedId, ARRIVALS_PAGE);
      for (const { id, order_key: orderKey } of page) {
        if (taken === limit) break;
        queuedId = id;
        if (order.isHeld(orderKey)) {
          queue.run(id);
          queued += 1;
        } else {
          take(id, "available");
          taken += 1;
        }
      }
      if (page.length < ARRIVALS_PAGE) break;
    }
    if (queuedId !== firstId) noteQueued.run(queuedId);
  }

  return {
    dueInMs() {
      if (turns.get(1) !== undefined || arrivals.get(summary.read().queued_id, 1) !== undefined) return 0;
      const now = Date.now();
      let retry = firstRetry.get();
      if (retry !== undefined && retry.at <= now) {
        if (dueRetries(now, MAX_SUSPECTS).length > 0) return 0;
        retry = nextRetry.get(now);
      }
      return retry && retry.at - now;
    },
    take(limit, leaseMs) {
      const leaseEndsAt = leaseEnd(summary.read().watched_ms, leaseMs);
      const claims: Claim[] = [];
      const claim = (id: number, from: "available" | "retryable"): void => {
        const row = take.get(leaseEndsAt, id);
        if (row === undefined) return;
        summary.move(from, "running");
        claims.push({ lease: { id, fence: row.fence, orderKey: row.order_key }, row });
      };
      // Retries and others by turns get the larger half, so that neither can keep the other from being taken.
      retriesGoFirst = !retriesGoFirst;
      const due = dueRetries(Date.now(), limit);
      const half = retriesGoFirst ? Math.ceil(limit / 2) : Math.floor(limit / 2);
      for (const { id } of due.slice(0, half)) claim(id, "retryable");
      for (const { id } of turns.all(limit - claims.length)) claim(id, "available");
      takeArrivals(limit - claims.length, claim);
      for (const { id } of due.slice(half, half + limit - claims.length)) claim(id, "retryable");
      return claims;
    },
    read({ lease, row }) {
      const delivery = read.get(lease.id);
      if (delivery === undefined) throw new Error(`The inbox has no delivery for its work ${lease.id}.`);
      return {
        lease,
        attempt: row.attempt,
        delivery: {
          deliveryId: delivery.delivery_id,
          receivedAt: new Date(row.received_at),
          url: delivery.url,
          headers: JSON.parse(delivery.headers), // as add.ts wrote it
          body: delivery.body,
          event: eventOf(row),
        },
      };
    },
  };
}

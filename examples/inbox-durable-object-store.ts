/**
 * The store of an inbox in the SQLite of a Durable Object. It passes `testInboxStore`. What is special about it:
 *
 * - Each write sets the object's alarm for what is due next, together with what it writes: whoever calls `inbox.drain()` in
 *   `alarm()` works through all of it, also after the object was evicted.
 * - An object exists once. When it is restarted, the leases of the one before it are over: the attempts count as failed at
 *   once. While it lives, timers end leases, because Workers have no steady clock: `performance.now()` is `Date.now()` there.
 * - Both stand still while code runs on Cloudflare. So a sweep removes a number of deliveries, not as many as it can in some
 *   time; and no lease ends a callback that computes without a pause, but the platform's limit of CPU time does.
 * - A row holds 2 MB. A larger delivery is not stored, nor are those that came at the same moment: their callbacks run at once.
 *   The handler's default `maxBodyBytes` is half of that.
 * - An object holds 10 GB, which is less than the default `maxBytes`: set that.
 * - `list` with a filter, and so `replay` with one, reads all deliveries, in one go.
 *
 * Use it as `inbox-durable-object.ts` does: `createInbox((policy) => openDurableObjectStore(this.ctx.storage, policy))`
 */
import {
  type DeliveryState,
  type InboxPolicy,
  type InboxStore,
  InboxUnavailableError,
  MAX_KEPT_ERRORS,
  type NewDelivery,
  type SettledState,
  type Settlement,
  type TakenDelivery,
} from "copernica-webhooks/inbox";
import { deliveryOf, IS_OPEN, type Row, SCHEMA, summaryOf, type WholeRow } from "./inbox-durable-object-tables.ts";

/** How many deliveries of a state one sweep removes. */
const SLICE_LENGTH = 100;

/** An alarm that has nothing to do but to remove deliveries comes no sooner than this after the last one, in milliseconds. */
const REMOVAL_PAUSE_MS = 60_000;

/** The longest time that the object sleeps while it has deliveries, in milliseconds: `keep` may be longer than alarms can wait. */
const LONGEST_SLEEP_MS = 30 * 24 * 60 * 60_000;

const LEASE_ENDED = "The attempt was not settled within its lease.";
const OBJECT_RESTARTED = "The object was restarted while the attempt was being made.";

/** Among how many retries one is looked for that may be taken. */
const MAX_LOOKED_AT = 1_000;

/** In SQL: whether nobody settled two attempts of a delivery, the latest of which was its `fence`th. */
function isSuspect(fence: string): string {
  return `(SELECT COUNT(*) FROM failure WHERE failure.id = delivery.id AND failure.fence IN (${fence} - 1, ${fence})
    AND message IN ('${LEASE_ENDED}', '${OBJECT_RESTARTED}')) = 2`;
}

/** What an attempt is known by. */
interface Attempt {
  readonly id: number;
  readonly deliveryId: string;
  readonly fence: number;
}

/** What those who make an attempt get. */
interface Lease extends Attempt {
  /** Ends it. */
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Opens the store. */
export function openDurableObjectStore(storage: DurableObjectStorage, policy: InboxPolicy): InboxStore {
  const { attempts, backoff, keep, maxBytes } = policy;
  const { sql } = storage;
  /** The leases whose time is up, until they are swept. */
  const overdue = new Set<Lease>();
  let retriesGoFirst = false;

  /** Writes as a whole, and sets the alarm; resolves once both are on disk. */
  async function write<Result>(act: () => Result): Promise<Result> {
    const result = storage.transactionSync(act);
    await save();
    return result;
  }

  /** Sets the alarm. Nothing may be awaited between a write and this: then the object commits both, or neither. */
  async function save(): Promise<void> {
    const alarmAt = nextAlarm();
    await Promise.all([Number.isFinite(alarmAt) && storage.setAlarm(alarmAt), storage.sync()]);
  }

  /** When the object has to wake next; Infinity if it has no deliveries. */
  function nextAlarm(): number {
    const now = Date.now();
    const removal = Math.min(firstAt("completed") + keep.completedMs, firstAt("discarded") + keep.discardedMs);
    const due = Math.min(firstAt("available"), firstAt("running"), firstAt("retryable"));
    const next = Math.min(due, Math.max(removal, now + REMOVAL_PAUSE_MS));
    return Number.isFinite(next) ? Math.min(next, now + LONGEST_SLEEP_MS) : next;
  }

  /** The first `at` of a state; Infinity if there is none. */
  function firstAt(state: DeliveryState, isHeld: 0 | 1 = 0): number {
    const query = "SELECT MIN(at) AS at FROM delivery WHERE state = ? AND is_held = ?";
    return sql.exec<{ at: number | null }>(query, state, isHeld).one().at ?? Number.POSITIVE_INFINITY;
  }

  /** Whether a delivery of this key is open, so that another one has to wait. */
  function isTaken(orderKey: number | null): boolean {
    const query = `SELECT 1 FROM delivery WHERE order_key = ? AND ${IS_OPEN} LIMIT 1`;
    return sql.exec(query, orderKey).toArray().length > 0;
  }

  /** Lets the first delivery of a key be taken, unless another one is open that is not held. */
  function release(orderKey: number | null): void {
    const first = `SELECT id FROM delivery WHERE order_key = ? AND ${IS_OPEN} ORDER BY is_held, id LIMIT 1`;
    sql.exec(`UPDATE delivery SET is_held = 0 WHERE id = (${first}) AND is_held = 1`, orderKey);
  }

  /** Stores a delivery, unless it is there. */
  function addOne(delivery: NewDelivery): "stored" | "duplicate" {
    const { deliveryId, receivedAt, url, headers, body, event, orderKey = null, refusal } = delivery;
    const state = refusal === undefined ? "available" : "discarded";
    const [row] = sql
      .exec<{ id: number }>(
        `INSERT INTO delivery (delivery_id, state, is_held, at, order_key, attempt, fence, received_at, event)
        VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
        deliveryId,
        state,
        Number(state === "available" && isTaken(orderKey)),
        state === "available" ? receivedAt.getTime() : Date.now(),
        orderKey,
        receivedAt.getTime(),
        event === undefined ? null : JSON.stringify(event),
      )
      .toArray();
    if (row === undefined) return "duplicate";
    sql.exec("INSERT INTO content VALUES (?, ?, ?, ?)", row.id, url, JSON.stringify(headers), body);
    if (refusal !== undefined) sql.exec("INSERT INTO failure VALUES (?, 0, 0, ?, ?)", row.id, Date.now(), refusal);
    return "stored";
  }

  /** The ids of what is to be tried again by now: of deliveries that may bring the object down, one at a time. */
  function dueRetries(limit: number): number[] {
    const query = `SELECT id, ${isSuspect("delivery.fence")} AS is_suspect FROM delivery
      WHERE state = 'retryable' AND is_held = 0 AND at <= ? ORDER BY at, id LIMIT ?`;
    const rows = sql.exec<{ id: number; is_suspect: 0 | 1 }>(query, Date.now(), limit).toArray();
    const suspect = rows.find(({ is_suspect }) => is_suspect === 1);
    const running = `SELECT 1 FROM delivery WHERE state = 'running' AND is_held = 0 AND ${isSuspect("delivery.fence - 1")} LIMIT 1`;
    const taken = suspect !== undefined && sql.exec(running).toArray().length === 0 ? suspect : undefined;
    return rows.filter((row) => row.is_suspect === 0 || row === taken).map(({ id }) => id);
  }

  /** In how many milliseconds something is to be tried again that may be taken; undefined if nothing is. */
  function nextDueMs(): number | undefined {
    if (dueRetries(MAX_LOOKED_AT).length > 0) return 0;
    const query = "SELECT MIN(at) AS at FROM delivery WHERE state = 'retryable' AND is_held = 0 AND at > ?";
    const { at } = sql.exec<{ at: number | null }>(query, Date.now()).one();
    return at === null ? undefined : at - Date.now();
  }

  /** The ids of what is due. Retries and others by turns get the larger half, so that neither keeps the other waiting. */
  function due(limit: number): number[] {
    const retries = dueRetries(limit);
    retriesGoFirst = !retriesGoFirst;
    const half = retriesGoFirst ? Math.ceil(limit / 2) : Math.floor(limit / 2);
    const query = "SELECT id FROM delivery WHERE state = 'available' AND is_held = 0 ORDER BY at, id LIMIT ?";
    const others = [...sql.exec<{ id: number }>(query, limit)].map(({ id }) => id);
    return [...retries.slice(0, half), ...others, ...retries.slice(half)].slice(0, limit);
  }

  /** Takes a delivery for an attempt. */
  function take(id: number, leaseMs: number): TakenDelivery {
    const update =
      "UPDATE delivery SET state = 'running', attempt = attempt + 1, fence = fence + 1, at = ? WHERE id = ?";
    sql.exec(update, Date.now(), id);
    const row = sql.exec<WholeRow>("SELECT * FROM delivery JOIN content USING (id) WHERE id = ?", id).one();
    const timer = setTimeout(() => overdue.add(lease), leaseMs);
    const lease: Lease = { id, deliveryId: row.delivery_id, fence: row.fence, timer };
    return { lease, attempt: row.attempt, delivery: deliveryOf(row) };
  }

  /** Settles an attempt, if it is the latest of its delivery. */
  function settle({ id, fence }: Attempt, failure: Settlement["failure"]): SettledState {
    const query = "SELECT * FROM delivery WHERE id = ? AND fence = ? AND state = 'running'";
    const [row] = sql.exec<Row>(query, id, fence).toArray();
    if (row === undefined) return "lost";
    const now = Date.now();
    let [state, at]: [SettledState, number] = ["completed", now];
    if (failure !== undefined) {
      [state, at] =
        failure.isFinal || row.attempt >= attempts ? ["discarded", now] : ["retryable", now + waitMs(row.attempt)];
      sql.exec("INSERT INTO failure VALUES (?, ?, ?, ?, ?)", id, fence, row.attempt, now, failure.message);
      sql.exec("DELETE FROM failure WHERE id = ? AND fence <= ?", id, fence - MAX_KEPT_ERRORS);
    }
    sql.exec("UPDATE delivery SET state = ?, at = ? WHERE id = ?", state, at, id);
    if (state !== "retryable") release(row.order_key);
    return state;
  }

  /** How long to wait after an attempt. */
  function waitMs(attempt: number): number {
    const longest = Math.min(backoff.firstMs * 2 ** (attempt - 1), backoff.mostMs);
    return Math.round(longest * (1 - backoff.jitter * Math.random()));
  }

  /** Settles attempts that nobody will; returns the deliveries that are discarded by that. */
  function giveUp(given: readonly Attempt[], message: string): string[] {
    const discarded = given.filter((attempt) => settle(attempt, { message, isFinal: false }) === "discarded");
    return discarded.map(({ deliveryId }) => deliveryId);
  }

  /** Removes a slice of what has been kept long enough; returns whether there may be more. */
  function remove(state: "completed" | "discarded"): boolean {
    const slice = "SELECT id FROM delivery WHERE state = ? AND is_held = 0 AND at < ? ORDER BY at LIMIT ?";
    const before = Date.now() - keep[`${state}Ms`];
    const removed = sql.exec(`DELETE FROM delivery WHERE id IN (${slice}) RETURNING id`, state, before, SLICE_LENGTH);
    return removed.toArray().length === SLICE_LENGTH;
  }

  /** Makes due what waits longer than any wait is, as the clock was set back; returns whether there was any. */
  function mendRetries(): boolean {
    const update = "UPDATE delivery SET at = ? WHERE state = 'retryable' AND is_held = 0 AND at > ? RETURNING id";
    return sql.exec(update, Date.now(), Date.now() + backoff.mostMs).toArray().length > 0;
  }

  /** Makes a delivery available again, unless it is so or running; returns whether it does. */
  function replayOne(deliveryId: string): boolean {
    const query = "SELECT * FROM delivery WHERE delivery_id = ? AND state NOT IN ('available', 'running')";
    const [row] = sql.exec<Row>(query, deliveryId).toArray();
    if (row === undefined) return false;
    const isHeld = row.state !== "retryable" && isTaken(row.order_key); // a retryable one holds the others itself
    const update = "UPDATE delivery SET state = 'available', attempt = 0, is_held = ?, at = received_at WHERE id = ?";
    sql.exec(update, Number(isHeld), row.id);
    return true;
  }

  /** Settles the attempts of the object before this one; returns the deliveries that are discarded by that. */
  function takeOver(): string[] {
    sql.exec(SCHEMA);
    const running = sql.exec<Row>("SELECT * FROM delivery WHERE state = 'running' AND is_held = 0").toArray();
    const orphans = running.map(({ id, delivery_id: deliveryId, fence }) => ({ id, deliveryId, fence }));
    return giveUp(orphans, OBJECT_RESTARTED);
  }

  /** What was discarded at opening, which the first sweep tells; undefined after it. */
  let discardedAtOpening: string[] | undefined = storage.transactionSync(takeOver);

  return {
    add(deliveries) {
      return write(() => {
        const wanted = deliveries.reduce((bytes, { body }) => bytes + body.length, 0);
        if (sql.databaseSize + wanted > maxBytes) {
          throw new InboxUnavailableError(`The inbox is full: ${sql.databaseSize} of maxBytes ${maxBytes} are used.`);
        }
        return deliveries.map(addOne);
      });
    },
    exchange(settlements, limit, leaseMs) {
      return write(() => {
        const settled = settlements.map(({ taken, failure }) => {
          const lease = taken.lease as Lease; // take() made it
          clearTimeout(lease.timer);
          return settle(lease, failure);
        });
        const taken = due(limit).map((id) => take(id, leaseMs));
        return { settled, taken, nextDueMs: nextDueMs() };
      });
    },
    async sweep() {
      const leases = [...overdue];
      const { isMended, ...swept } = storage.transactionSync(() => ({
        isMended: mendRetries(),
        discarded: [...(discardedAtOpening ?? []), ...giveUp(leases, LEASE_ENDED)],
        hasMore: [remove("completed"), remove("discarded")].includes(true),
      }));
      if (isMended || leases.length > 0 || discardedAtOpening !== undefined) await save();
      for (const lease of leases) overdue.delete(lease);
      discardedAtOpening = undefined;
      return swept;
    },
    stats() {
      const counts = { available: 0, running: 0, retryable: 0, completed: 0, discarded: 0 };
      const tally = sql.exec<{ state: DeliveryState; deliveries: number }>("SELECT * FROM tally");
      for (const { state, deliveries } of tally) counts[state] = deliveries;
      return {
        ...counts,
        bytes: sql.databaseSize,
        waitingSince: dateOf(Math.min(firstAt("available"), firstAt("available", 1))),
        nextAttemptAt: dateOf(firstAt("retryable")),
      };
    },
    list({ state, event, profile, database, receivedFrom, receivedBefore }, limit, cursor) {
      const found = sql.exec<Row>(
        `SELECT * FROM delivery WHERE id < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR event ->> 'name' = ?3)
          AND (?4 IS NULL OR event ->> 'profile' = ?4) AND (?5 IS NULL OR event ->> 'database' = ?5)
          AND (?6 IS NULL OR received_at >= ?6) AND (?7 IS NULL OR received_at < ?7) ORDER BY id DESC LIMIT ?8`,
        cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor),
        state ?? null,
        event ?? null,
        profile ?? null,
        database ?? null,
        receivedFrom?.getTime() ?? null,
        receivedBefore?.getTime() ?? null,
        limit + 1, // one more tells whether there is another page
      );
      const rows = found.toArray();
      const page = rows.slice(0, limit);
      return { deliveries: page.map(summaryOf), cursor: rows.length > limit ? String(page.at(-1)?.id) : undefined };
    },
    get(deliveryId) {
      const query = "SELECT * FROM delivery JOIN content USING (id) WHERE delivery_id = ?";
      const [row] = sql.exec<WholeRow>(query, deliveryId).toArray();
      if (row === undefined) return undefined;
      const failures = sql.exec<{ attempt: number; at: number; message: string }>(
        "SELECT attempt, at, message FROM failure WHERE id = ? ORDER BY fence",
        row.id,
      );
      const errors = [...failures].map(({ attempt, at, message }) => ({ attempt, at: new Date(at), message }));
      return { ...deliveryOf(row), ...summaryOf(row), errors };
    },
    replay: (deliveryIds) => write(() => deliveryIds.filter(replayOne).length),
    discard(deliveryId) {
      return write(() => {
        const [row] = sql
          .exec<{ order_key: number | null }>(
            `UPDATE delivery SET state = 'discarded', is_held = 0, at = ?
            WHERE delivery_id = ? AND state IN ('available', 'retryable') RETURNING order_key`,
            Date.now(),
            deliveryId,
          )
          .toArray();
        if (row !== undefined) release(row.order_key);
        return row !== undefined;
      });
    },
    close() {},
  };
}

/** A time as a Date; undefined if it is infinite. */
function dateOf(at: number): Date | undefined {
  return Number.isFinite(at) ? new Date(at) : undefined;
}

import { backoffMs } from "./backoff.ts";
import {
  type AttemptError,
  type DeliveryFilter,
  type DeliveryRecord,
  type DeliveryState,
  type DeliverySummary,
  MAX_KEPT_ERRORS,
} from "./delivery.ts";
import { InboxUnavailableError } from "./errors.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { InboxOptions } from "./options.ts";
import {
  type InboxPolicy,
  type InboxStore,
  LEASE_SLACK,
  type NewDelivery,
  type SettledState,
  type Settlement,
  type TakenDelivery,
} from "./store.ts";

/**
 * Makes an inbox in memory, for tests: it does all that an inbox on disk does, but is empty when the process starts.
 *
 * @param options How deliveries are worked through, and how long they are kept.
 * @returns The inbox, for the option `inbox` of a handler.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 */
export function memoryInbox(options: InboxOptions = {}): Inbox {
  return createInbox(createMemoryStore, options, "memoryInbox");
}

/** Why an attempt failed that nobody settled. */
const LEASE_ENDED = "The attempt was not settled within its lease.";

/** A delivery, as the store in memory keeps it. */
interface Entry {
  /** Its place in the order in which they were added. */
  readonly place: number;
  readonly delivery: NewDelivery;
  state: DeliveryState;
  attempt: number;
  /** The latest attempt: by it, it is known. */
  lease: Lease;
  /** When the next attempt is due, or when it was settled, in milliseconds since 1970. */
  at: number;
  errors: readonly AttemptError[];
}

/** What an attempt is known by. */
interface Lease {
  /** When it ends, by a clock that cannot be set, in milliseconds. */
  readonly endsAt: number;
}

/** Makes a store in memory. */
export function createMemoryStore({ attempts, backoff, keep, maxBytes }: InboxPolicy): InboxStore {
  /** All deliveries in the order in which they were added, as a Map keeps it. */
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let places = 0;
  let retriesGoFirst = false;

  function settle({ taken, failure }: Settlement): SettledState {
    const entry = entries.get(taken.delivery.deliveryId);
    return entry?.state === "running" && entry.lease === taken.lease ? end(entry, failure) : "lost";
  }

  function end(entry: Entry, failure: Settlement["failure"]): SettledState {
    entry.at = Date.now();
    if (failure === undefined) {
      entry.state = "completed";
      return "completed";
    }
    const error = { attempt: entry.attempt, at: new Date(entry.at), message: failure.message };
    entry.errors = [...entry.errors, error].slice(-MAX_KEPT_ERRORS);
    if (failure.isFinal || entry.attempt >= attempts) {
      entry.state = "discarded";
      return "discarded";
    }
    entry.state = "retryable";
    entry.at += backoffMs(backoff, entry.attempt);
    return "retryable";
  }

  /** The deliveries that may be taken, or will be: of each key, the one that was begun, else the one that was added first. */
  function* heads(): Generator<Entry> {
    const held = new Map<number | undefined, Entry>();
    for (const entry of entries.values()) {
      if (entry.state === "running" || entry.state === "retryable") held.set(entry.delivery.orderKey, entry);
    }
    for (const entry of entries.values()) {
      if (isSettled(entry) || entry.state === "running") continue;
      const { orderKey } = entry.delivery;
      if (orderKey !== undefined) {
        if (!held.has(orderKey)) held.set(orderKey, entry);
        if (held.get(orderKey) !== entry) continue;
      }
      yield entry;
    }
  }

  return {
    add(deliveries) {
      const added = new Map(
        deliveries
          .filter(({ deliveryId }) => !entries.has(deliveryId))
          .map((delivery) => [delivery.deliveryId, delivery]),
      );
      const addedBytes = [...added.values()].reduce((sum, { body }) => sum + body.length, 0);
      if (bytes + addedBytes > maxBytes) throw new InboxUnavailableError(`The inbox is full: it has ${bytes} bytes.`);
      bytes += addedBytes;
      return deliveries.map((delivery) => {
        const { deliveryId, receivedAt, refusal } = delivery;
        if (entries.has(deliveryId)) return "duplicate";
        places += 1;
        entries.set(deliveryId, {
          place: places,
          delivery: { ...delivery, body: delivery.body.slice() },
          state: refusal === undefined ? "available" : "discarded",
          attempt: 0,
          lease: { endsAt: 0 },
          at: Date.now(),
          errors: refusal === undefined ? [] : [{ attempt: 0, at: receivedAt, message: refusal }],
        });
        return "stored";
      });
    },
    exchange(settlements, limit, leaseMs) {
      const settled = settlements.map(settle);
      const now = Date.now();
      const waiting = limit > 0 ? [...heads()] : [];
      const mayTakeSuspect = ![...entries.values()].some((entry) => entry.state === "running" && isSuspect(entry));
      const allRetries = waiting.filter(({ state }) => state === "retryable");
      const suspect = mayTakeSuspect ? allRetries.find((entry) => isSuspect(entry) && isDue(entry, now)) : undefined;
      const retries = allRetries.filter((entry) => entry === suspect || !isSuspect(entry) || !isDue(entry, now));
      retriesGoFirst = !retriesGoFirst;
      const due = byTurns(
        retries.filter((entry) => isDue(entry, now)),
        waiting.filter(({ state }) => state === "available"),
        retriesGoFirst,
      );
      const taken = due.slice(0, limit).map((entry): TakenDelivery => {
        entry.state = "running";
        entry.attempt += 1;
        entry.lease = { endsAt: performance.now() + leaseMs * LEASE_SLACK };
        return { lease: entry.lease, attempt: entry.attempt, delivery: entry.delivery };
      });
      const nextDueAt = Math.min(...retries.map(({ at }) => at));
      return { settled, taken, nextDueMs: Number.isFinite(nextDueAt) ? Math.max(0, nextDueAt - now) : undefined };
    },
    sweep() {
      const now = Date.now();
      const discarded = [...entries.values()]
        .filter(({ state, lease }) => state === "running" && lease.endsAt < performance.now())
        .filter((entry) => end(entry, { message: LEASE_ENDED, isFinal: false }) === "discarded")
        .map(({ delivery }) => delivery.deliveryId);
      for (const [deliveryId, { state, at, delivery }] of entries) {
        const keepMs = state === "completed" ? keep.completedMs : state === "discarded" ? keep.discardedMs : Infinity;
        if (at + keepMs > now) continue;
        entries.delete(deliveryId);
        bytes -= delivery.body.length;
      }
      return { discarded, hasMore: false };
    },
    stats() {
      const counts = { available: 0, running: 0, retryable: 0, completed: 0, discarded: 0 };
      for (const { state } of entries.values()) counts[state] += 1;
      const waiting = [...entries.values()].find(({ state }) => state === "available");
      const retries = [...entries.values()].filter(({ state }) => state === "retryable").map(({ at }) => at);
      return {
        ...counts,
        bytes,
        waitingSince: waiting?.delivery.receivedAt,
        nextAttemptAt: retries.length === 0 ? undefined : new Date(Math.min(...retries)),
      };
    },
    list(filter, limit, cursor) {
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
      const found = [...entries.values()].filter((entry) => entry.place < before && matches(entry, filter)).reverse();
      const page = found.slice(0, limit);
      return { deliveries: page.map(summary), cursor: found.length > limit ? String(page.at(-1)?.place) : undefined };
    },
    get(deliveryId) {
      const entry = entries.get(deliveryId);
      return entry === undefined ? undefined : record(entry);
    },
    replay(deliveryIds) {
      const replayed = deliveryIds
        .map((deliveryId) => entries.get(deliveryId))
        .filter((entry) => entry !== undefined)
        .filter((entry) => isSettled(entry) || entry.state === "retryable");
      for (const entry of replayed) {
        entry.state = "available";
        entry.attempt = 0;
      }
      return replayed.length;
    },
    discard(deliveryId) {
      const entry = entries.get(deliveryId);
      if (entry?.state !== "available" && entry?.state !== "retryable") return false;
      entry.state = "discarded";
      entry.at = Date.now();
      return true;
    },
    close() {},
  };
}

function isSettled({ state }: Entry): boolean {
  return state === "completed" || state === "discarded";
}

/** Retries and others by turns, so that neither can keep the other from being taken. */
function byTurns(retries: readonly Entry[], others: readonly Entry[], retriesGoFirst: boolean): Entry[] {
  const [first, second] = retriesGoFirst ? [retries, others] : [others, retries];
  const longer = Math.max(first.length, second.length);
  return Array.from({ length: longer }, (_, index) => [
    ...first.slice(index, index + 1),
    ...second.slice(index, index + 1),
  ]).flat();
}

/** Whether a retryable delivery is due: also if the clock stands before its failure, as it has been set back. */
function isDue({ at, errors }: Entry, now: number): boolean {
  return at <= now || (errors.at(-1)?.at.getTime() ?? 0) > now;
}

/** Whether nobody settled its last two attempts. */
function isSuspect({ errors }: Entry): boolean {
  return errors.length > 1 && errors.slice(-2).every(({ message }) => message === LEASE_ENDED);
}

function matches({ state, delivery }: Entry, filter: DeliveryFilter): boolean {
  const { event, receivedAt } = delivery;
  return (
    (filter.state === undefined || filter.state === state) &&
    (filter.event === undefined || filter.event === event?.name) &&
    (filter.profile === undefined || filter.profile === event?.profile) &&
    (filter.database === undefined || filter.database === event?.database) &&
    (filter.receivedFrom === undefined || filter.receivedFrom <= receivedAt) &&
    (filter.receivedBefore === undefined || filter.receivedBefore > receivedAt)
  );
}

function summary(entry: Entry): DeliverySummary {
  const { state, attempt, at, delivery } = entry;
  const { deliveryId, receivedAt, event } = delivery;
  return {
    deliveryId,
    state,
    attempt,
    receivedAt,
    event,
    settledAt: isSettled(entry) ? new Date(at) : undefined,
    nextAttemptAt: state === "retryable" ? new Date(at) : undefined,
  };
}

function record(entry: Entry): DeliveryRecord {
  const { url, headers, body } = entry.delivery;
  return { ...summary(entry), url, headers, body, errors: entry.errors };
}

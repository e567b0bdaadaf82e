import type { Awaitable } from "../awaitable.ts";
import type { BackoffValues } from "./backoff.ts";
import type { DeliveryFilter, DeliveryPage, DeliveryRecord, InboxStats, StoredDelivery } from "./delivery.ts";

/** What a store is opened with: the options of its inbox that it has to heed, all of them known. */
export interface InboxPolicy {
  /** How many attempts a delivery gets. */
  readonly attempts: number;
  /** How long to wait before an attempt is made again. */
  readonly backoff: BackoffValues;
  /** How long a delivery is kept once it is completed or discarded, in milliseconds. */
  readonly keep: { readonly completedMs: number; readonly discardedMs: number };
  /** The most bytes that the store may use; a delivery that would exceed them is not stored. */
  readonly maxBytes: number;
  /** Told of what is no error of a call, and that the user should know. */
  readonly warn: (message: string, cause?: unknown) => void;
}

/** A delivery to be stored. */
export interface NewDelivery extends StoredDelivery {
  /** Deliveries of one key are worked through in the order in which they were added, one at a time. */
  readonly orderKey?: number | undefined;
  /** Why it can't be processed; it is stored as discarded then, with this for its error, as of attempt 0. */
  readonly refusal?: string | undefined;
}

/** What became of a delivery that was to be stored. */
export type AddOutcome = "stored" | "duplicate";

/** A delivery that was taken for an attempt. */
export interface TakenDelivery {
  /** What the store knows this one attempt by; it means nothing to others. */
  readonly lease: unknown;
  /** Which attempt it is since the delivery came in or was replayed, from 1. */
  readonly attempt: number;
  /** The delivery. */
  readonly delivery: StoredDelivery;
}

/** How an attempt ended. */
export interface Settlement {
  /** What was taken. */
  readonly taken: TakenDelivery;
  /** What it failed with; undefined if it succeeded. */
  readonly failure?: {
    /** What was thrown, in words. */
    readonly message: string;
    /** Whether the delivery is given up, even if it has attempts left. */
    readonly isFinal: boolean;
  };
}

/** What became of a delivery by a settlement: `lost`, if the attempt was no longer its latest, so that nothing changed. */
export type SettledState = "completed" | "retryable" | "discarded" | "lost";

/**
 * How many times its lease a store here leaves an attempt: the process that makes it settles it itself once the lease is over,
 * if it lives, and says more of it.
 */
export const LEASE_SLACK = 1.1;

/** Why an attempt failed that nobody settled, as stores on disk tell it. */
export const LEASE_ENDED = "The attempt was not settled within its lease: its process ended, or stood still.";

/** What {@link InboxStore.exchange} comes to. */
export interface Exchange {
  /** What became of each settlement, in their order. */
  readonly settled: readonly SettledState[];
  /** What was taken. */
  readonly taken: readonly TakenDelivery[];
  /**
   * If nothing was taken: in how many milliseconds a failed delivery will be due, if the store knows; 0 if the store should be
   * asked again at once, as it has not looked at all that waits.
   */
  readonly nextDueMs?: number | undefined;
}

/** What {@link InboxStore.sweep} comes to. */
export interface Sweep {
  /** The deliveries that it discarded, as the lease of their last attempt had run out. */
  readonly discarded: readonly string[];
  /** Whether there is more to do, so that it should be called again soon. */
  readonly hasMore: boolean;
}

/**
 * What keeps the deliveries of an inbox. The inbox itself groups, schedules and times; a store need only do each of these
 * things at once and for good. `testInboxStore` of `copernica-webhooks/testing` checks whether it does.
 *
 * - **Durable**: what `add` has resolved for is on disk, so that neither a crash nor a power cut undoes it. The rest may be
 *   undone by a power cut, but not by a crash: attempts are made again then.
 * - **Atomic**: each call takes effect as a whole or rejects and takes none. The inbox tries again what rejects.
 * - **Fenced**: each attempt has a lease of its own. Once it has run out, or the delivery was taken again, its settlement is
 *   `lost`. Leases must stand a clock that is set forward or back.
 * - **Ordered**: deliveries of one key are taken one at a time, in the order in which they were added. While one is running
 *   or waits for its next attempt, the others wait. One that is replayed may come before or after those that wait.
 * - **Apart**: of deliveries whose last two attempts nobody settled, one is taken at a time: what brings its process down would
 *   else take the same others down with it, until all of them are discarded.
 */
export interface InboxStore {
  /**
   * How often to look for deliveries that another process added, in milliseconds; undefined if there is none.
   */
  readonly pollMs?: number | undefined;
  /**
   * Stores deliveries that it does not have yet. Of one that it has, in whatever state, it changes nothing. Throws or
   * rejects if it can't be written or would exceed `maxBytes`; then none of them is stored.
   *
   * @param deliveries Some hundreds at most.
   */
  readonly add: (deliveries: readonly NewDelivery[]) => Awaitable<readonly AddOutcome[]>;
  /**
   * Settles attempts, then takes deliveries for attempts; those whose turn it has become by the settlements included.
   *
   * A failure is kept, with its attempt, and makes its delivery `retryable`, due after the backoff; or `discarded`, if it is
   * final or the attempt was the last. What is taken becomes `running`; its attempts are counted as it is taken, so that one
   * that brings the process down counts too.
   *
   * @param settlements How attempts ended; may be none.
   * @param limit How many to take at most; may be 0.
   * @param leaseMs How long those who take them have to settle them, in milliseconds.
   */
  readonly exchange: (settlements: readonly Settlement[], limit: number, leaseMs: number) => Awaitable<Exchange>;
  /**
   * Called about every second: does a slice of what has to be done from time to time. Attempts whose lease has run out have
   * failed; completed and discarded deliveries are removed once `keep` is over.
   */
  readonly sweep: () => Awaitable<Sweep>;
  /** How many deliveries there are, without counting them one by one. */
  readonly stats: () => Awaitable<InboxStats>;
  /**
   * A page of the deliveries, the one that was added last first.
   *
   * @param filter Which of them.
   * @param limit The most of a page.
   * @param cursor The `cursor` of the page before, which only the store understands.
   */
  readonly list: (filter: DeliveryFilter, limit: number, cursor: string | undefined) => Awaitable<DeliveryPage>;
  /** A delivery, if it is there. */
  readonly get: (deliveryId: string) => Awaitable<DeliveryRecord | undefined>;
  /**
   * Makes deliveries `available` at once that are completed, discarded or retryable, with all their attempts before them.
   *
   * @returns How many of them.
   */
  readonly replay: (deliveryIds: readonly string[]) => Awaitable<number>;
  /**
   * Gives a delivery up that is available or retryable.
   *
   * @returns Whether it was.
   */
  readonly discard: (deliveryId: string) => Awaitable<boolean>;
  /** Closes the store; nothing is called after that. */
  readonly close: () => Awaitable<void>;
}

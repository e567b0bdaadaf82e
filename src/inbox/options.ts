import {
  callback,
  date,
  MAX_TIMER_MS,
  nested,
  numberWithin,
  oneOf,
  optional,
  text,
  trueOrFalse,
  wholeNumber,
  withDefault,
} from "../options/readers.ts";
import { invalidOption, type OptionReader, settleOptions } from "../options/settle.ts";
import type { Backoff, BackoffValues } from "./backoff.ts";
import { DELIVERY_STATES, type DeliveryFilter, type DeliveryRecord, MAX_PAGE_LENGTH, type Paging } from "./delivery.ts";
import type { InboxPolicy } from "./store.ts";

/** How long deliveries are kept once they are settled. */
export interface Keep {
  /**
   * How long a completed delivery is kept, in milliseconds. A replay of it is recognized for so long.
   *
   * @default 86400000, a day
   */
  readonly completedMs?: number | undefined;
  /**
   * How long a discarded delivery is kept, in milliseconds, and can be replayed.
   *
   * @default 2592000000, 30 days
   */
  readonly discardedMs?: number | undefined;
}

/** The options of an inbox, whatever its store. */
export interface InboxOptions {
  /**
   * Whether this process works through the inbox. With `false` it only receives, and works when {@link Inbox.drain} asks it
   * to.
   *
   * @default true
   */
  readonly work?: boolean | undefined;
  /**
   * How many deliveries are worked on at once, at most 1000.
   *
   * @default 10
   */
  readonly concurrency?: number | undefined;
  /**
   * How many attempts a delivery gets before it is discarded, at most 1000.
   *
   * @default 20
   */
  readonly attempts?: number | undefined;
  /** How long to wait before an attempt is made again. */
  readonly backoff?: Backoff | undefined;
  /**
   * In which order deliveries are worked through. `"profile"`: those of one profile, its subprofiles' included, one after the
   * other as they came in; one that is tried again holds back the later ones. `"none"`: side by side.
   *
   * @default "profile"
   */
  readonly order?: "profile" | "none" | undefined;
  /** How long deliveries are kept once they are settled. */
  readonly keep?: Keep | undefined;
  /**
   * The most bytes that the store may use. While it is full, callbacks run at once, as without an inbox.
   *
   * @default 10737418240, 10 GiB
   */
  readonly maxBytes?: number | undefined;
  /**
   * How long an attempt may take, in milliseconds, before it counts as failed, whether its callback hangs or its process is
   * gone.
   *
   * @default 30 seconds more than the handler's `timeoutMs`
   */
  readonly leaseMs?: number | undefined;
  /** Called in the process that discarded a delivery, with all that is known of it. */
  readonly onDiscarded?: ((delivery: DeliveryRecord) => unknown) | undefined;
  /**
   * Called with what is no error of a delivery, and that you should know: that the store can't be reached, that
   * `onDiscarded` failed.
   *
   * @default `console.warn`
   */
  readonly onWarning?: ((message: string, ...cause: unknown[]) => unknown) | undefined;
}

/** How long an attempt may take beyond the handler's `timeoutMs` if `leaseMs` does not say, in milliseconds. */
export const LEASE_MARGIN_MS = 30_000;

/** How an inbox stops. */
export interface StopOptions {
  /**
   * How long the callbacks that are running may go on, in milliseconds. Then their signals are aborted.
   *
   * @default 10000
   */
  readonly graceMs?: number | undefined;
}

/** The options of an inbox, checked, with their defaults. */
export interface InboxSettings {
  readonly isWorking: boolean;
  readonly concurrency: number;
  readonly isOrdered: boolean;
  readonly leaseMs: number | undefined;
  readonly onDiscarded: ((delivery: DeliveryRecord) => unknown) | undefined;
  readonly policy: InboxPolicy;
}

const HOUR_MS = 60 * 60_000;

const DAY_MS = 24 * HOUR_MS;

const DEFAULT_MAX_BYTES: number = 10 * 1_024 ** 3;

const MAX_CONCURRENCY = 1_000;

const MAX_ATTEMPTS = 1_000;

const readWaits = nested({
  firstMs: withDefault(() => 5_000, wholeNumber({ least: 0, most: MAX_TIMER_MS })),
  mostMs: optional(wholeNumber({ least: 0, most: MAX_TIMER_MS })),
  jitter: withDefault(() => 0.5, numberWithin(0, 1)),
});

const backoff: OptionReader<BackoffValues> = Object.assign((given: unknown, option: string) => {
  const { firstMs, mostMs = Math.max(firstMs, HOUR_MS), jitter } = readWaits(given, option);
  if (mostMs >= firstMs) return { firstMs, mostMs, jitter };
  throw invalidOption(`${option}.mostMs`, `a whole number from ${firstMs}, which is firstMs, on`, mostMs);
}, readWaits.readers && { readers: readWaits.readers });

const readers = {
  work: withDefault(() => true, trueOrFalse),
  concurrency: withDefault(() => 10, wholeNumber({ most: MAX_CONCURRENCY })),
  attempts: withDefault(() => 20, wholeNumber({ most: MAX_ATTEMPTS })),
  backoff,
  order: withDefault(() => "profile", oneOf("profile", "none")),
  keep: nested({
    completedMs: withDefault(() => DAY_MS, wholeNumber({ least: 0 })),
    discardedMs: withDefault(() => 30 * DAY_MS, wholeNumber({ least: 0 })),
  }),
  maxBytes: withDefault(() => DEFAULT_MAX_BYTES, wholeNumber()),
  leaseMs: optional(wholeNumber({ most: MAX_TIMER_MS })),
  onDiscarded: optional(callback<NonNullable<InboxOptions["onDiscarded"]>>()),
  onWarning: withDefault(() => console.warn, callback<NonNullable<InboxOptions["onWarning"]>>()),
} satisfies Readonly<Record<keyof InboxOptions, OptionReader<unknown>>>;

/**
 * Checks the options of an inbox, and gives those their defaults that are not there.
 *
 * @param owner What takes them, as its user names it.
 * @param given What the user gave.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 */
export function readOptions(owner: string, given: InboxOptions): InboxSettings {
  const settings = settleOptions(owner, given, readers);
  const { work, concurrency, order, leaseMs, onDiscarded, onWarning, ...policy } = settings;
  return {
    isWorking: work,
    concurrency,
    isOrdered: order === "profile",
    leaseMs,
    onDiscarded,
    policy: { ...policy, warn: createWarn(onWarning) },
  };
}

/** How an inbox is inspected. */
export type InspectOptions = Pick<InboxOptions, "onWarning">;

/** Checks where the warnings of an inspected inbox go. */
export function readWarning(owner: string, given: InspectOptions): InboxPolicy["warn"] {
  return createWarn(settleOptions(owner, given, { onWarning: readers.onWarning }).onWarning);
}

/** A function of the user's that is told of warnings, and whose own errors harm nobody. */
function createWarn(onWarning: NonNullable<InboxOptions["onWarning"]>): InboxPolicy["warn"] {
  return (message, ...cause) => {
    try {
      Promise.resolve(onWarning(message, ...cause)).catch(console.error);
    } catch (error) {
      console.error(error);
    }
  };
}

/** How long callbacks that are running may go on, in milliseconds, when an inbox stops. */
export function readGrace(given: StopOptions): number {
  const { graceMs } = settleOptions("inbox.stop", given, {
    graceMs: withDefault(() => 10_000, wholeNumber({ least: 0, most: MAX_TIMER_MS })),
  });
  return graceMs;
}

const filterReaders = {
  state: optional(oneOf(...DELIVERY_STATES)),
  event: optional(text),
  profile: optional(wholeNumber({ least: 0 })),
  database: optional(wholeNumber({ least: 0 })),
  receivedFrom: optional(date),
  receivedBefore: optional(date),
} satisfies Readonly<Record<keyof DeliveryFilter, OptionReader<unknown>>>;

/**
 * Checks a filter: one that is misspelled would mean every delivery.
 *
 * @param owner What takes it, as its user names it.
 * @throws {InvalidOptionError} If a part of it is unknown or can't be used.
 */
export function readFilter(owner: string, given: DeliveryFilter): DeliveryFilter {
  return settleOptions(owner, given, filterReaders);
}

/** Checks which page of a list is asked for. */
export function readListing(given: DeliveryFilter & Paging): DeliveryFilter & Paging & { readonly limit: number } {
  return settleOptions("inbox.list", given, {
    ...filterReaders,
    limit: withDefault(() => 100, wholeNumber({ most: MAX_PAGE_LENGTH })),
    cursor: optional(text),
  });
}

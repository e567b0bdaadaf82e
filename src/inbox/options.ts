import { InvalidOptionError } from "../errors.ts";
import type { Backoff } from "./backoff.ts";
import type { DeliveryFilter, DeliveryRecord, DeliveryState } from "./delivery.ts";
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

/** The longest time that a timer of any runtime takes, in milliseconds. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

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

const NAMES = [
  "work",
  "concurrency",
  "attempts",
  "backoff",
  "order",
  "keep",
  "maxBytes",
  "leaseMs",
  "onDiscarded",
  "onWarning",
] as const satisfies readonly (keyof InboxOptions)[];

/**
 * Checks the options of an inbox, and gives those their defaults that are not there.
 *
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 */
export function readOptions(options: InboxOptions): InboxSettings {
  checkNames(options, NAMES, "An inbox");
  const { work = true, concurrency = 10, attempts = 20, order = "profile", maxBytes = 10 * 1_024 ** 3 } = options;
  const { backoff = {}, keep = {}, leaseMs, onDiscarded, onWarning = console.warn } = options;
  checkNames(backoff, ["firstMs", "mostMs", "jitter"], "backoff");
  const { firstMs = 5_000, jitter = 0.5 } = backoff;
  const { mostMs = Math.max(firstMs, HOUR_MS) } = backoff;
  checkNames(keep, ["completedMs", "discardedMs"], "keep");
  const { completedMs = DAY_MS, discardedMs = 30 * DAY_MS } = keep;
  if (typeof work !== "boolean") throw new InvalidOptionError("work must be true or false.");
  if (order !== "profile" && order !== "none") throw new InvalidOptionError('order must be "profile" or "none".');
  checkWhole("concurrency", concurrency, 1, 1_000);
  checkWhole("attempts", attempts, 1, 1_000);
  checkWhole("maxBytes", maxBytes, 1, Number.MAX_SAFE_INTEGER);
  if (leaseMs !== undefined) checkWhole("leaseMs", leaseMs, 1, MAX_TIMER_MS);
  checkWhole("backoff.firstMs", firstMs, 0, MAX_TIMER_MS);
  checkWhole("backoff.mostMs", mostMs, firstMs, MAX_TIMER_MS);
  if (!(typeof jitter === "number" && jitter >= 0 && jitter <= 1)) {
    throw new InvalidOptionError("backoff.jitter must be a number from 0 to 1.");
  }
  checkWhole("keep.completedMs", completedMs, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("keep.discardedMs", discardedMs, 0, Number.MAX_SAFE_INTEGER);
  for (const [name, value] of Object.entries({ onDiscarded, onWarning })) {
    if (value !== undefined && typeof value !== "function") throw new InvalidOptionError(`${name} must be a function.`);
  }
  const warn = (message: string, ...cause: unknown[]): void => {
    try {
      Promise.resolve(onWarning(message, ...cause)).catch(console.error);
    } catch (error) {
      console.error(error);
    }
  };
  return {
    isWorking: work,
    concurrency,
    isOrdered: order === "profile",
    leaseMs,
    onDiscarded,
    policy: {
      attempts,
      backoff: { firstMs, mostMs, jitter },
      keep: { completedMs, discardedMs },
      maxBytes,
      warn,
    },
  };
}

const FILTER_NAMES = ["state", "event", "profile", "database", "receivedFrom", "receivedBefore"] as const;

const STATES: readonly DeliveryState[] = ["available", "running", "retryable", "completed", "discarded"];

/**
 * Checks a filter: one that is misspelled would mean every delivery.
 *
 * @throws {InvalidOptionError} If a part of it is unknown or can't be used.
 */
export function checkFilter(filter: DeliveryFilter): void {
  checkNames(filter, FILTER_NAMES satisfies readonly (keyof DeliveryFilter)[], "A filter");
  const { state, event, profile, database, receivedFrom, receivedBefore } = filter;
  if (state !== undefined && !STATES.includes(state)) {
    throw new InvalidOptionError(`state must be one of ${STATES.join(", ")}.`);
  }
  if (event !== undefined && typeof event !== "string") throw new InvalidOptionError("event must be an event's name.");
  for (const [name, id] of Object.entries({ profile, database })) {
    if (id !== undefined) checkWhole(name, id, 0, Number.MAX_SAFE_INTEGER);
  }
  for (const [name, time] of Object.entries({ receivedFrom, receivedBefore })) {
    if (time === undefined || (time instanceof Date && Number.isFinite(time.getTime()))) continue;
    throw new InvalidOptionError(`${name} must be a Date.`);
  }
}

function checkNames(options: object, names: readonly string[], owner: string): void {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError(`${owner} takes an object.`);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new InvalidOptionError(`${owner} has no option ${name}. It takes ${names.join(", ")}.`);
  }
}

/** Checks that an option is a whole number within its bounds. */
export function checkWhole(name: string, value: unknown, least: number, most: number): void {
  if (!(Number.isInteger(value) && (value as number) >= least && (value as number) <= most)) {
    throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}.`);
  }
}

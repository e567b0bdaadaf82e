/** How long to wait before an attempt is made again: twice as long after each, until it is `mostMs`. */
export interface Backoff {
  /**
   * The wait after the first attempt, in milliseconds.
   *
   * @default 5000
   */
  readonly firstMs?: number | undefined;
  /**
   * The longest wait, in milliseconds.
   *
   * @default 3600000
   */
  readonly mostMs?: number | undefined;
  /**
   * The share of each wait that is left to chance, from 0 to 1, so that what failed together is not tried again together.
   * A wait is never longer for it.
   *
   * @default 0.5
   */
  readonly jitter?: number | undefined;
}

/** The wait after an attempt, from 1, in milliseconds. */
export function backoffMs({ firstMs, mostMs, jitter }: Required<BackoffValues>, attempt: number): number {
  const longest = Math.min(firstMs * 2 ** (attempt - 1), mostMs);
  return Math.round(longest * (1 - jitter * Math.random()));
}

/** A {@link Backoff} whose values are all known. */
export interface BackoffValues {
  /** The wait after the first attempt, in milliseconds. */
  readonly firstMs: number;
  /** The longest wait, in milliseconds. */
  readonly mostMs: number;
  /** The share of each wait that is left to chance, from 0 to 1. */
  readonly jitter: number;
}

/** How many deliveries the store in memory remembers, in some 30 MB. */
export const MAX_REMEMBERED_DELIVERIES = 200_000;

/**
 * What became of an attempt to claim a delivery:
 *
 * - `claimed`: it is the caller's now, who runs the callbacks;
 * - `running`: somebody else claimed it and has not finished;
 * - `done`: it is finished.
 */
export type ClaimOutcome = "claimed" | "running" | "done";

/**
 * A store that makes the callbacks run once for each delivery, also when several processes receive. Each function may be
 * synchronous or return a promise. Its shape fits `SET key value NX PX ttl` of Redis, a transaction of Deno KV and a
 * Durable Object. If `claim` throws or rejects, the answer is 503; if the others do, `onWarning` is told.
 *
 * @example
 * ```ts
 * import type { DeliveryStore } from "copernica-webhooks";
 *
 * declare const redis: {
 *   set(key: string, value: string, mode: "PX", milliseconds: number, condition?: "NX"): Promise<string | null>;
 *   get(key: string): Promise<string | null>;
 *   del(key: string): Promise<number>;
 * };
 *
 * const deliveries: DeliveryStore = {
 *   async claim(deliveryId, ttlMs) {
 *     if ((await redis.set(deliveryId, "running", "PX", ttlMs, "NX")) !== null) return "claimed";
 *     return (await redis.get(deliveryId)) === "done" ? "done" : "running";
 *   },
 *   async complete(deliveryId, ttlMs) {
 *     await redis.set(deliveryId, "done", "PX", ttlMs);
 *   },
 *   async release(deliveryId) {
 *     await redis.del(deliveryId);
 *   },
 * };
 * ```
 */
export interface DeliveryStore {
  /**
   * Claims a delivery, atomically: of all who try, one gets `claimed`.
   *
   * @param deliveryId The delivery: 32 characters of base64url.
   * @param ttlMs How long the store must remember it at least, in milliseconds.
   */
  readonly claim: (deliveryId: string, ttlMs: number) => ClaimOutcome | Promise<ClaimOutcome>;
  /** Says that the callbacks succeeded: from now on the delivery is `done`, for `ttlMs` milliseconds. */
  readonly complete: (deliveryId: string, ttlMs: number) => void | Promise<void>;
  /** Says that the callbacks failed: the delivery can be claimed again. */
  readonly release: (deliveryId: string) => void | Promise<void>;
}

/**
 * Makes the store that is used if none is given: in the memory of this process, bounded by
 * {@link MAX_REMEMBERED_DELIVERIES}. If it is full, of those that are finished the one that was claimed first is forgotten; if
 * none is finished, `claim` throws.
 *
 * @param clock The current time, in milliseconds since 1970; `Date.now` by default.
 * @returns The store.
 *
 * @example
 * ```ts
 * import { createMemoryDeliveryStore, createWebhookHandler } from "copernica-webhooks";
 *
 * // One store for two handlers of one process.
 * const deliveries = createMemoryDeliveryStore();
 * createWebhookHandler({ account: 1234, path: "/a", deliveries, onProfileCreate(event) { console.log(event.profile); } });
 * createWebhookHandler({ account: 1234, path: "/b", deliveries, onProfileCreate(event) { console.log(event.profile); } });
 * ```
 */
export function createMemoryDeliveryStore(clock: () => number = Date.now): DeliveryStore {
  /** Delivery → what is remembered of it, in the order they were claimed. */
  const remembered = new Map<string, Remembered>();

  function forgetExpired(now: number): void {
    for (const [deliveryId, { expiresAt }] of remembered) {
      if (expiresAt > now) return;
      remembered.delete(deliveryId);
    }
  }

  function forgetOldestDone(): void {
    for (const [deliveryId, { isDone }] of remembered) {
      if (isDone) return void remembered.delete(deliveryId);
    }
    throw new RangeError(`${remembered.size} deliveries are running; no more can be remembered.`);
  }

  return {
    claim(deliveryId, ttlMs) {
      const now = clock();
      forgetExpired(now);
      const known = remembered.get(deliveryId);
      if (known !== undefined && known.expiresAt > now) return known.isDone ? "done" : "running";
      if (remembered.size >= MAX_REMEMBERED_DELIVERIES) forgetOldestDone();
      remembered.set(deliveryId, { isDone: false, expiresAt: now + ttlMs });
      return "claimed";
    },
    complete(deliveryId, ttlMs) {
      remembered.set(deliveryId, { isDone: true, expiresAt: clock() + ttlMs });
    },
    release(deliveryId) {
      if (!remembered.get(deliveryId)?.isDone) remembered.delete(deliveryId);
    },
  };
}

/** What is remembered of a delivery. */
interface Remembered {
  /** Whether it is finished. */
  readonly isDone: boolean;
  /** When it may be forgotten, in milliseconds since 1970. */
  readonly expiresAt: number;
}

import { type Awaitable, isPromise, whenKnown } from "../awaitable.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import type { VerifierSettings } from "../signature/verify.ts";
import { withTimeout } from "../timeout.ts";
import { type ClaimOutcome, createMemoryDeliveryStore } from "./deliveries.ts";
import { DeliveryError } from "./errors.ts";
import type { HandlerSettings } from "./settings.ts";

/** How long a store of deliveries has for each thing that it is asked, in milliseconds. */
const STORE_TIMEOUT_MS = 5_000;

/** What clocks of several processes may differ, in milliseconds. */
const CLAIM_MARGIN_MS = 60_000;

/** For how long a call may be replayed, in whole milliseconds: until its Date, which may lie ahead, is too old. */
export function replayWindowMs({ maxAgeSeconds }: Pick<VerifierSettings, "maxAgeSeconds">): number {
  return Math.ceil(2_000 * maxAgeSeconds);
}

/** A delivery that is claimed: nobody else runs its callbacks. */
interface Claim {
  /** Says whether the callbacks are done, so that they never run again; never throws or rejects. */
  readonly settle: (isDone: boolean) => Awaitable<void>;
}

/**
 * Claims a delivery; `done` if its callbacks ran before.
 *
 * @throws {DeliveryError} If somebody else runs its callbacks, or the store does not tell.
 */
export type ClaimDelivery = (deliveryId: string, event: WebhookEvent | UnknownEvent) => Awaitable<Claim | "done">;

/** Makes the function that claims the deliveries of a handler. */
export function createClaimer(
  { deliveries, timeoutMs, warn }: HandlerSettings,
  verification: VerifierSettings,
): ClaimDelivery {
  const store = deliveries ?? createMemoryDeliveryStore(verification.clock);
  const storeTimeoutMs = Math.min(timeoutMs, STORE_TIMEOUT_MS);
  const ttlMs = Math.max(replayWindowMs(verification), timeoutMs) + CLAIM_MARGIN_MS;

  /** Asks the store for a delivery. A store in memory answers at once, and is not waited for. */
  function ask(deliveryId: string, event: WebhookEvent | UnknownEvent): Awaitable<ClaimOutcome> {
    const refuse = (cause: unknown): never => {
      throw new DeliveryError("deliveries_unavailable", event, { cause });
    };
    try {
      const asked = store.claim(deliveryId, ttlMs);
      if (!isPromise(asked)) return asked;
      return inTime(asked).catch((cause) => {
        // A claim that comes too late has been answered already: leave it to the next delivery.
        Promise.resolve(asked).then(
          (late) => (late === "claimed" ? settle(deliveryId, false) : undefined),
          () => {},
        );
        return refuse(cause);
      });
    } catch (cause) {
      return refuse(cause);
    }
  }

  /** Says whether the callbacks of a claimed delivery are done; never throws or rejects. */
  function settle(deliveryId: string, isDone: boolean): Awaitable<void> {
    const warnOf = (cause: unknown): void => {
      const what = isDone ? "completed" : "released";
      warn(`A claim could not be ${what}; until it expires, its delivery is answered 409.`, cause);
    };
    try {
      const settled = isDone ? store.complete(deliveryId, ttlMs) : store.release(deliveryId);
      return isPromise(settled) ? inTime(settled).catch(warnOf) : settled;
    } catch (cause) {
      return warnOf(cause);
    }
  }

  /** Waits for the store, no longer than it has. */
  function inTime<Answer>(answer: PromiseLike<Answer>): Promise<Answer> {
    return withTimeout(answer, storeTimeoutMs, () => {
      return new Error(`The store of deliveries did not answer within ${storeTimeoutMs} ms.`);
    });
  }

  return (deliveryId, event) =>
    whenKnown(ask(deliveryId, event), (outcome) => {
      if (outcome === "done") return outcome;
      if (outcome !== "claimed") throw new DeliveryError("delivery_in_progress", event);
      return { settle: (isDone) => settle(deliveryId, isDone) };
    });
}

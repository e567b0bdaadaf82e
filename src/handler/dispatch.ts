import type { UnknownEvent, WebhookEvent } from "../events/events.ts";
import type { Router } from "../routes/routes.ts";
import { withTimeout } from "../timeout.ts";
import type { RequestContext } from "./context.ts";
import type { DeliveryStore } from "./deliveries.ts";
import { CallbackError, DeliveryError } from "./errors.ts";
import type { WebhookOptions } from "./options.ts";

/** Hands an event to its callbacks; resolves once they are done. */
export type Dispatcher<Platform extends readonly unknown[]> = (
  event: WebhookEvent | UnknownEvent,
  context: RequestContext<Platform>,
) => Promise<void>;

/** What a dispatcher needs beside the callbacks. */
export interface DispatcherSettings<Platform extends readonly unknown[]> {
  /** Finds an event's own callback. */
  readonly router: Router<Platform>;
  /** The store that makes the callbacks run once; undefined where nothing is verified, and so nothing identified. */
  readonly deliveries: DeliveryStore | undefined;
  /** How long a claim must be remembered, in milliseconds. */
  readonly claimTtlMs: number;
  /** How long the callbacks may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Told of a failure that does not change the answer. */
  readonly warn: (message: string, cause: unknown) => void;
}

type Run = () => Promise<void>;

/** Makes the function that hands events to their callbacks, each delivery once. */
export function createDispatcher<Platform extends readonly unknown[]>(
  { onEvent, onUnhandled }: Pick<WebhookOptions<Platform>, "onEvent" | "onUnhandled">,
  { router, deliveries, claimTtlMs, timeoutMs, warn }: DispatcherSettings<Platform>,
): Dispatcher<Platform> {
  return async (event, context) => {
    const handling = event.name === "unknown" ? undefined : router(event);
    const { callback, readEvent } = handling ?? { callback: onUnhandled, readEvent: undefined };
    const giveUp = (): Error => {
      const error = new CallbackError("callback_timeout", event);
      context.abort(error);
      return error;
    };
    const ownEvent =
      readEvent === undefined || event.name === "unknown"
        ? event
        : await withTimeout(readEvent(event), timeoutMs, giveUp); // a schema may be asynchronous, and never come to an end
    if (callback === undefined && onEvent === undefined) return;

    const run: Run = async () => {
      try {
        await callback?.(ownEvent as never, context); // the router found it by the event's name, or it takes any event
        await onEvent?.(event, context);
      } catch (cause) {
        throw new CallbackError("callback_failed", event, { cause });
      }
    };
    const { deliveryId } = context;
    const isOnce = deliveries !== undefined && deliveryId !== undefined;
    await withTimeout(isOnce ? runOnce(deliveries, deliveryId, event, context, run) : run(), timeoutMs, giveUp);
  };

  /** Runs the callbacks of a delivery unless they ran or are running. What they come to is kept even after the timeout. */
  async function runOnce(
    deliveries: DeliveryStore,
    deliveryId: string,
    event: WebhookEvent | UnknownEvent,
    context: RequestContext<Platform>,
    run: Run,
  ): Promise<void> {
    let outcome: string;
    try {
      outcome = await deliveries.claim(deliveryId, claimTtlMs);
    } catch (cause) {
      throw new DeliveryError("deliveries_unavailable", event, { cause });
    }
    if (outcome === "done") return;
    if (outcome !== "claimed") throw new DeliveryError("delivery_in_progress", event);
    try {
      // A claim that came too late has been answered already: leave it to the next delivery.
      context.throwIfAborted();
      await run();
    } catch (error) {
      await claimed("released", () => deliveries.release(deliveryId));
      throw error;
    }
    await claimed("completed", () => deliveries.complete(deliveryId, claimTtlMs));
  }

  async function claimed(what: string, act: () => void | Promise<void>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      warn(`A claim could not be ${what}; until it expires, its delivery is answered 409.`, cause);
    }
  }
}

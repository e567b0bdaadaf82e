import { type Awaitable, isPromise, whenKnown } from "../awaitable.ts";
import { isHttpError } from "../errors.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import { callbacksByEvent } from "../events/map.ts";
import type { Handling } from "../routes/route.ts";
import { withTimeout } from "../timeout.ts";
import type { ClaimDelivery } from "./claim.ts";
import { CallbackError } from "./errors.ts";
import type { HandlerSettings } from "./settings.ts";

/** Hands an event to its callbacks; resolves once they are done. `claim` makes them run once for a delivery. */
export type Dispatch = (
  event: WebhookEvent | UnknownEvent,
  context: DispatchContext,
  claim?: ClaimDelivery | undefined,
) => Promise<void>;

/** What callbacks get beside the event, so far as it matters here. */
interface DispatchContext {
  readonly deliveryId: string | undefined;
  readonly abort: (reason: Error) => void;
}

/** What the callbacks of an event came to. */
interface Outcome {
  /** Whether the event's own callback is done, and must not run again. */
  readonly isDone: boolean;
  /** What failed. */
  readonly failure?: CallbackError;
}

/**
 * Makes the function that hands events to their callbacks.
 *
 * @param settings The callbacks, and how long they may take.
 * @param noteLateFailure Told of callbacks that fail after it was answered that they take too long.
 */
export function createDispatcher(
  settings: HandlerSettings,
  noteLateFailure: (error: CallbackError, context: DispatchContext) => void,
): Dispatch {
  const { databases, onEvent, onUnhandled, timeoutMs, warn } = settings;
  const findRouted = databases[0]?.createRouter(databases);

  /** Finds the callback for an event: that of a route, else its own, else that for events without one. */
  function findHandling(event: WebhookEvent | UnknownEvent): Handling<never> {
    if (event.name === "unknown") return { callback: onUnhandled };
    const name = callbacksByEvent[event.name];
    return findRouted?.(event, name) ?? { callback: settings[name] ?? onUnhandled };
  }

  return async (event, context, claim) => {
    const { callback, typeEvent } = findHandling(event);

    // Schemas may be asynchronous, and never come to an end.
    const isTyped = typeEvent === undefined || event.name === "unknown";
    const typed = isTyped ? event : await withTimeout(typeEvent(event).catch(fail), timeoutMs, giveUp);
    if (callback === undefined && onEvent === undefined) {
      warn.once(event.name, `Nothing handles ${event.name} events: add their callback, or onUnhandled.`);
      return;
    }

    const { deliveryId } = context;
    const claiming = claim === undefined || deliveryId === undefined ? undefined : claim(deliveryId, event);
    const claimed = isPromise(claiming) ? await claiming : claiming;
    if (claimed === "done") return;
    const work = run();
    const settled = claimed && whenKnown(work, ({ isDone }) => claimed.settle(isDone));
    const { failure } = isPromise(work) ? await withTimeout(work, timeoutMs, giveUpWork) : work;
    if (isPromise(settled)) await settled;
    if (failure !== undefined) throw failure;

    /** Runs the callbacks, one after the other; never throws or rejects. */
    function run(): Awaitable<Outcome> {
      let isDone = false;
      const describeFailure = (cause: unknown): Outcome => ({
        isDone,
        failure: new CallbackError("callback_failed", event, { cause }),
      });
      try {
        // The router found it by the event's name, or it takes any event.
        const outcome = whenKnown(callback?.(typed as never, context as never), () => {
          isDone = callback !== undefined;
          return whenKnown(onEvent?.(event, context as never), (): Outcome => ({ isDone: true }));
        });
        return isPromise(outcome) ? outcome.catch(describeFailure) : outcome;
      } catch (cause) {
        return describeFailure(cause);
      }
    }

    function giveUpWork(): CallbackError {
      whenKnown(work, ({ failure }) => failure && noteLateFailure(failure, context));
      return giveUp();
    }

    function fail(cause: unknown): never {
      throw isHttpError(cause) ? cause : new CallbackError("callback_failed", event, { cause });
    }

    function giveUp(): CallbackError {
      const error = new CallbackError("callback_timeout", event);
      context.abort(error);
      return error;
    }
  };
}

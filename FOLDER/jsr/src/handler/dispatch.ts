import { HttpError } from "../errors.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import type { Router } from "../routes/router.ts";
import { withTimeout } from "../timeout.ts";
import type { ClaimDelivery } from "./claim.ts";
import type { CallContext } from "./context.ts";
import { CallbackError } from "./errors.ts";
import type { HandlerSettings } from "./settings.ts";

/** Hands an event to its callbacks; resolves once they are done. */
export type Dispatch<Platform extends readonly unknown[]> = (
  event: WebhookEvent | UnknownEvent,
  context: CallContext<Platform>,
) => Promise<void>;

/** What a dispatcher needs beside the settings. */
export interface DispatchParts<Platform extends readonly unknown[]> {
  /** Finds an event's own callback. */
  readonly findCallback: Router<Platform>;
  /** Claims a verified delivery, so that its callbacks run once; undefined if nothing is verified, and so nothing identified. */
  readonly claim: ClaimDelivery | undefined;
  /** Told of callbacks that fail after it was answered that they take too long. */
  readonly noteLateFailure: (error: CallbackError, context: CallContext<Platform>) => void;
}

/** What the callbacks of an event came to. */
interface Outcome {
  /** Whether the event's own callback is done, and must not run again. */
  readonly isDone: boolean;
  /** What failed. */
  readonly failure: CallbackError | undefined;
}

/** Makes the function that hands events to their callbacks. */
export function createDispatcher<Platform extends readonly unknown[]>(
  { onEvent, onUnhandled, timeoutMs, warn }: HandlerSettings<Platform>,
  { findCallback, claim, noteLateFailure }: DispatchParts<Platform>,
): Dispatch<Platform> {
  return async (event, context) => {
    const handling = event.name === "unknown" ? undefined : findCallback(event);
    const { callback, typeEvent } = handling ?? { callback: onUnhandled, typeEvent: undefined };

    // Schemas may be asynchronous, and never come to an end.
    const isTyped = typeEvent === undefined || event.name === "unknown";
    const typed = isTyped ? event : await withTimeout(typeEvent(event).catch(fail), timeoutMs, giveUp);
    if (callback === undefined && onEvent === undefined) {
      warn.once(
        event.name,
        `${event.name} events come in and nothing handles them: add their callback, or onUnhandled.`,
      );
      return;
    }

    const { deliveryId } = context;
    const claimed = claim === undefined || deliveryId === undefined ? undefined : await claim(deliveryId, event);
    if (claimed === "done") return;
    const work = run();
    const settled = claimed === undefined ? undefined : work.then(({ isDone }) => claimed.settle(isDone));
    const { failure } = await withTimeout(work, timeoutMs, () => {
      work.then(({ failure }) => failure && noteLateFailure(failure, context));
      return giveUp();
    });
    await settled;
    if (failure !== undefined) throw failure;

    async function run(): Promise<Outcome> {
      try {
        await callback?.(typed as never, context); // the router found it by the event's name, or it takes any event
      } catch (cause) {
        return { isDone: false, failure: new CallbackError("callback_failed", event, { cause }) };
      }
      try {
        await onEvent?.(event, context);
      } catch (cause) {
        return { isDone: callback !== undefined, failure: new CallbackError("callback_failed", event, { cause }) };
      }
      return { isDone: true, failure: undefined };
    }

    function fail(cause: unknown): never {
      throw cause instanceof HttpError ? cause : new CallbackError("callback_failed", event, { cause });
    }

    function giveUp(): CallbackError {
      const error = new CallbackError("callback_timeout", event);
      context.abort(error);
      return error;
    }
  };
}

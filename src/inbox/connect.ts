import type { InboxContext } from "../context.ts";
import { type HttpError, InvalidOptionError, isHttpError } from "../errors.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import { Abortable } from "../handler/abortable.ts";
import { replayWindowMs } from "../handler/claim.ts";
import { type AnsweredError, toAnsweredError } from "../handler/errors.ts";
import type { InboxHandler, ReceiveDelivery } from "../handler/inbox.ts";
import { toBase64Url } from "../signature/base64.ts";
import type { EventSummary, ReceivedDelivery, Refusal, StoredDelivery } from "./delivery.ts";
import type { Attempt, Process } from "./worker.ts";

/** The part of an inbox that is connected. */
interface Connected {
  readonly rememberMs: number;
  readonly receive: (delivery: ReceivedDelivery) => Promise<unknown>;
  readonly work: (process: Process, options: { readonly timeoutMs: number }) => void;
}

/** Has an inbox processed by a handler, and makes the function that stores the deliveries which this receives. */
export function connectInbox({ receive, rememberMs, work }: Connected, handler: InboxHandler): ReceiveDelivery {
  checkHandler(handler, rememberMs);
  const { timeoutMs, understand, dispatch, tell, warn } = handler;
  work(processDelivery, { timeoutMs });
  let isAway = false;

  async function processDelivery(delivery: StoredDelivery, attempt: Attempt): Promise<Refusal | undefined> {
    const context = new StoredContext(delivery, attempt);
    try {
      await dispatch(understand(delivery.body, delivery.headers["content-type"] ?? null), context);
      return undefined;
    } catch (thrown) {
      const error = toAnsweredError(thrown);
      await tell(Object.assign(error, { deliveryId: delivery.deliveryId, body: delivery.body }), context);
      if (error.code === "callback_failed") throw error.cause;
      if (error.code === "callback_timeout" || error.code === "internal_error") throw error;
      return toRefusal(error);
    }
  }

  return async (body, call) => {
    const { headers, receivedAt, url } = call;
    // Who receives from anybody has no signature to identify a delivery by.
    call.deliveryId ??= toBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_ID_BYTES)));
    const { deliveryId } = call;
    const contentType = headers.get("content-type");
    let refusal: HttpError | undefined;
    try {
      call.event = understand(body, contentType);
    } catch (error) {
      if (!isHttpError(error)) throw error;
      refusal = error;
    }
    const event = call.event && summarize(call.event);
    try {
      const stored = { deliveryId, receivedAt, url: url.href, headers, body, event };
      await receive({ ...stored, refusal: refusal && toRefusal(refusal as AnsweredError) });
      isAway = false;
    } catch (cause) {
      if (!isAway) warn("The inbox can't store deliveries: their callbacks run at once until it can.", cause);
      isAway = true;
      if (call.event === undefined) throw refusal;
      await dispatch(call.event, new StoredContext({ deliveryId, receivedAt, url: url.href, headers, body }, call));
    }
  };
}

/** Checks that a handler's options go with an inbox that remembers completed deliveries for a time. */
function checkHandler({ verification, isOpen, deliveries }: InboxHandler, rememberMs: number): void {
  if (verification === undefined && !isOpen) {
    throw refuse("inbox needs account, since anybody could fill it; or say verify: false");
  }
  if (deliveries !== undefined) throw refuse("an inbox is the store of its deliveries; leave deliveries out");
  const windowMs = verification === undefined ? 0 : replayWindowMs(verification);
  if (!(rememberMs >= windowMs)) throw refuse(`inbox must keep completed deliveries for ${windowMs} ms at least`);
}

function refuse(reason: string): InvalidOptionError {
  return new InvalidOptionError(`createWebhookHandler: ${reason}.`);
}

/** As many random bytes as a delivery's id is made of. */
const RANDOM_ID_BYTES = 24;

/** The context of a delivery that runs from an inbox. */
class StoredContext extends Abortable implements InboxContext {
  readonly #delivery: Omit<StoredDelivery, "headers"> & { readonly headers: HeadersInit };
  readonly #attempt: { readonly signal: AbortSignal };
  readonly attempt: number;

  constructor(
    delivery: Omit<StoredDelivery, "headers"> & { readonly headers: HeadersInit },
    attempt: { readonly attempt?: number; readonly signal: AbortSignal },
  ) {
    super();
    this.#delivery = delivery;
    this.#attempt = attempt;
    this.attempt = attempt.attempt ?? 1;
  }

  get deliveryId(): string {
    return this.#delivery.deliveryId;
  }

  get headers(): Headers {
    return new Headers(this.#delivery.headers);
  }

  get url(): URL {
    return new URL(this.#delivery.url);
  }

  get receivedAt(): Date {
    return this.#delivery.receivedAt;
  }

  protected override get source(): AbortSignal {
    return this.#attempt.signal;
  }
}

/** What an inbox keeps order and finds a delivery by. */
function summarize(event: WebhookEvent | UnknownEvent): EventSummary {
  const { name, database, collection, profile, subprofile }: EventSummary = event;
  return { name, database, collection, profile, subprofile };
}

function toRefusal({ code, message }: AnsweredError): Refusal {
  return { code, message };
}

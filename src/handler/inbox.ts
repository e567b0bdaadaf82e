import type { InboxContext } from "../context.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { AnsweredError } from "./errors.ts";

/** What a handler needs of an inbox, whatever else it can do: see `copernica-webhooks/inbox`. */
export interface HandlerInbox {
  /**
   * Takes what runs callbacks, begins to have stored deliveries processed by it, and gives what stores new ones.
   *
   * @throws {InvalidOptionError} If the handler's options do not go with an inbox.
   */
  readonly connect: (handler: InboxHandler) => ReceiveDelivery;
}

/** What a handler gives to its inbox. */
export interface InboxHandler {
  /** How far the Date of a call may lie from now, in seconds; undefined if senders are not verified. */
  readonly verification: { readonly maxAgeSeconds: number } | undefined;
  /** Whether it was said that anybody may send. */
  readonly isOpen: boolean;
  /** The store of deliveries that was given, which an inbox has no use for. */
  readonly deliveries: DeliveryStore | undefined;
  /** How long the callbacks of an event may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Decodes and understands a body; throws what would be answered. */
  readonly understand: (body: Uint8Array, contentType: string | null) => WebhookEvent | UnknownEvent;
  /** Hands an event to its callbacks; resolves once they are done. `abort` is called when they take too long. */
  readonly dispatch: (
    event: WebhookEvent | UnknownEvent,
    context: InboxContext & { readonly abort: (reason: Error) => void },
  ) => Promise<void>;
  /** Tells of an attempt that failed. */
  readonly tell: (error: AnsweredError, context: InboxContext) => Promise<void>;
  /** Tells what is no error of a delivery. */
  readonly warn: (message: string, ...cause: unknown[]) => void;
}

/** Receives the body of a verified call: resolves once it is stored or, if it can't be, its callbacks are done. */
export type ReceiveDelivery = (body: Uint8Array, call: ReceivedCall) => Promise<void>;

/** What is known of a verified call. */
export interface ReceivedCall {
  /** What identifies the delivery; undefined if anybody may send, until it is given a random one. */
  deliveryId: string | undefined;
  /** The event, as soon as it is understood. */
  event: WebhookEvent | UnknownEvent | undefined;
  /** The headers of the request. */
  readonly headers: Headers;
  /** The URL that Copernica called. */
  readonly url: URL;
  /** When the request came in. */
  readonly receivedAt: Date;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

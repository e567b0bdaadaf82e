import type { InboxContext, WebhookContext } from "../context.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import type { WebhookCallbacks } from "../routes/callbacks.ts";
import type { DatabaseRoute } from "../routes/route.ts";
import type { KeyLookup, KeyLookupOptions } from "../signature/keys.ts";
import type { SignatureOptions } from "../signature/verify.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { AnsweredError } from "./errors.ts";
import type { HandlerInbox } from "./inbox.ts";

/** How senders are verified, if that differs from the defaults. */
export interface VerifyOptions
  extends Pick<KeyLookupOptions, "resolveTxt" | "keyDomain" | "clock">,
    Pick<SignatureOptions, "publicUrl" | "maxAgeSeconds"> {
  /**
   * A look-up of keys made with `createKeyLookup`, to share what it remembers with other handlers, or to give it a
   * store; `resolveTxt` and `keyDomain` are options of its own then.
   *
   * @default one for this handler
   */
  readonly keys?: KeyLookup | undefined;
}

/** The options of a handler that are about calls. */
export interface CallSettings {
  /**
   * Your account at Copernica: `1234`, or as Copernica writes it, `"account_1234"`. Turns verification on: what is not
   * signed by Copernica for this account is answered 401 and never decoded. Without it, anybody can post, and `onWarning`
   * is told so at creation. Given as `undefined`, as by an environment variable that is not set, it is refused.
   */
  readonly account?: number | string | undefined;
  /**
   * How senders are verified, if that differs from the defaults; only with `account`. `false` receives events from anybody,
   * and is the one way to say so.
   */
  readonly verify?: VerifyOptions | false | undefined;
  /**
   * The path to answer at, a pattern of itty-router: `/webhooks/copernica`, `/hooks/:customer`. Other paths get 404. What
   * the pattern's parameters stand for is in `context.url`.
   *
   * @default any path
   */
  readonly path?: string | undefined;
  /**
   * The most bytes of a body that are accepted, as they arrive, whatever Content-Length says. Over it, the answer is 413.
   *
   * @default 1048576
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How long a body may take to arrive, in milliseconds. Then the answer is 408. At most 2147483647, some 24 days.
   *
   * @default 10000
   */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * How long the callbacks of one event may take together, in milliseconds. Then `context.signal` is aborted and the answer
   * is 503. At most 2147483647, some 24 days.
   *
   * @default 30000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The IANA name of the time zone of Copernica's timestamps, which carry none.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string | undefined;
  /**
   * Called with what is no error of a request, and that you should know, once each: what looks like a mistake in the
   * receiver's own set-up (its account, URL, path or clock), events that come and have no callback, that verification is off,
   * that a store or `onError` itself failed.
   *
   * @default `console.warn`, without values of events
   */
  readonly onWarning?: ((message: string, cause?: unknown) => unknown) | undefined;
}

/**
 * The options of a handler that are about events, and what their callbacks get beside them.
 *
 * @typeParam Context What a callback gets beside the event.
 * @typeParam RouteContext What the callbacks of a route get beside the event.
 * @typeParam ErrorContext What `onError` gets beside the error.
 */
export interface EventSettings<Context, RouteContext, ErrorContext> {
  /** Routes for databases, and their collections, whose fields have types; see `database`. */
  readonly databases?: readonly DatabaseRoute<RouteContext>[] | undefined;
  /**
   * Called with every event, its fields as they were sent, after its own callback or `onUnhandled`. Not called if that one
   * failed; and if this one fails, that one does not run again.
   */
  readonly onEvent?: ((event: WebhookEvent | UnknownEvent, context: Context) => unknown) | undefined;
  /** Called with an event that has no callback of its own, or whose `type` is unknown. */
  readonly onUnhandled?: ((event: WebhookEvent | UnknownEvent, context: Context) => unknown) | undefined;
  /**
   * Called with every error that is answered with another status than 2xx, its `cause` included; awaited before the answer,
   * for at most `timeoutMs`. Of a verified delivery it has all that is needed to keep it: `deliveryId`, `body` and, as soon
   * as it was understood, `event`. Called once more if a callback that had timed out fails in the end.
   *
   * The default is a log: a line of `console.error` for each genuine event that was not processed, and a count of all else
   * once a minute.
   *
   * @default a log without values of events
   */
  readonly onError?: ((error: AnsweredError, context: ErrorContext) => unknown) | undefined;
}

/**
 * The options of {@link createWebhookHandler} beside the callbacks of the events.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export interface WebhookSettings<Platform extends readonly unknown[] = readonly unknown[]>
  extends CallSettings,
    EventSettings<WebhookContext<Platform>, WebhookContext<NoInfer<Platform>>, WebhookContext<Platform>> {
  /**
   * The store that makes the callbacks run once for each delivery. Give a shared one if several processes receive. Only if
   * senders are verified.
   *
   * @default `createMemoryDeliveryStore()`
   */
  readonly deliveries?: DeliveryStore | undefined;
  /**
   * Where deliveries are stored before they are answered, and from where the callbacks run: see
   * `copernica-webhooks/inbox`. With it, the options are {@link InboxWebhookOptions}.
   *
   * @default none
   */
  readonly inbox?: undefined;
}

/**
 * The options of {@link createWebhookHandler}: the callbacks of the events, and settings.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export type WebhookOptions<Platform extends readonly unknown[] = readonly unknown[]> = WebhookSettings<Platform> &
  WebhookCallbacks<WebhookContext<Platform>>;

/** The options of {@link createWebhookHandler} with an inbox, beside the callbacks of the events. */
export interface InboxWebhookSettings
  extends CallSettings,
    EventSettings<InboxContext, InboxContext, WebhookContext | InboxContext> {
  /**
   * Where deliveries are stored before they are answered, and from where the callbacks run: one of
   * `copernica-webhooks/inbox`. Not without `account`, unless `verify` is `false`: anybody could fill it.
   */
  readonly inbox: HandlerInbox;
}

/**
 * The options of {@link createWebhookHandler} with an inbox: a delivery is verified, stored and answered 200, and the
 * callbacks run from the inbox until they succeed.
 */
export type InboxWebhookOptions = InboxWebhookSettings & WebhookCallbacks<InboxContext>;

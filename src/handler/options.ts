import { InvalidOptionError } from "../errors.ts";
import {
  type CallbackName,
  callbackNames,
  type EventFor,
  type Events,
  type UnknownEvent,
  type WebhookEvent,
} from "../events/events.ts";
import {
  accountNumber,
  callback,
  clock,
  httpUrl,
  listOf,
  MAX_TIMER_MS,
  nested,
  numberAbove,
  objectWith,
  optional,
  text,
  timeZone,
  wholeNumber,
  withDefault,
} from "../options/readers.ts";
import { type OptionReader, settleOptions } from "../options/settle.ts";
import { type DatabaseRoute, isRoute } from "../routes/routes.ts";
import type { KeyLookupOptions } from "../signature/keys.ts";
import { DEFAULT_MAX_AGE_SECONDS, type SignatureOptions } from "../signature/verify.ts";
import type { WebhookContext } from "./context.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { AnsweredError } from "./errors.ts";

/** The most bytes of a body that are accepted where `maxBodyBytes` does not say. */
export const DEFAULT_MAX_BODY_BYTES: number = 1_024 * 1_024;

/** How long the callbacks may take where `timeoutMs` does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * A callback for each event. What it returns is awaited: the answer is 200 once it is done, 500 where it throws.
 *
 * Profiles: `onProfileCreate`, `onProfileUpdate`, `onProfileDelete`. Subprofiles: `onSubprofileCreate`,
 * `onSubprofileUpdate`, `onSubprofileDelete`. Messages: `onDelivery`, `onOpen`, `onClick`, `onBounce`, `onFailure`,
 * `onUnsubscribe`, `onAbuse`.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export type WebhookCallbacks<Platform extends readonly unknown[] = readonly unknown[]> = {
  readonly [Callback in keyof Events]?:
    | ((event: EventFor<Callback>, context: WebhookContext<Platform>) => unknown)
    | undefined;
};

/** How senders are verified, where that differs from the defaults. */
export interface VerifyOptions extends KeyLookupOptions, Pick<SignatureOptions, "publicUrl" | "maxAgeSeconds"> {}

/**
 * The options of {@link createWebhookHandler} beside the callbacks of the events.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export interface WebhookSettings<Platform extends readonly unknown[] = readonly unknown[]> {
  /**
   * Your account at Copernica: `1234`, or as Copernica writes it, `"account_1234"`. Turns verification on: what is not
   * signed by Copernica for this account is answered 401 and never decoded. Without it, anybody can post, and `onWarning`
   * is told so at creation. Given as `undefined`, it is refused.
   */
  readonly account?: number | string | undefined;
  /** How senders are verified, where that differs from the defaults. Only with `account`. */
  readonly verify?: VerifyOptions | undefined;
  /**
   * The store that makes the callbacks run once for each delivery. Give a shared one where several processes receive. Only
   * with `account`.
   *
   * @default `createMemoryDeliveryStore()`
   */
  readonly deliveries?: DeliveryStore | undefined;
  /** Routes for databases, and their collections, whose fields have types; see `database`. */
  readonly databases?: readonly DatabaseRoute<NoInfer<Platform>>[] | undefined;
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
   * Called with every event, its fields as they were sent, after its own callback or `onUnhandled`. Not called where that
   * one failed.
   */
  readonly onEvent?: ((event: WebhookEvent | UnknownEvent, context: WebhookContext<Platform>) => unknown) | undefined;
  /** Called with an event that has no callback of its own, or whose `type` is unknown. */
  readonly onUnhandled?:
    | ((event: WebhookEvent | UnknownEvent, context: WebhookContext<Platform>) => unknown)
    | undefined;
  /**
   * Called with every error that is answered with another status than 2xx, its `cause` included; awaited before the answer,
   * for at most `timeoutMs`. The default tells what loses an event, not what a stranger tried.
   *
   * @default `console.error` from status 422 on
   */
  readonly onError?: ((error: AnsweredError, context: WebhookContext<Platform>) => unknown) | undefined;
  /**
   * Called with what is no error of a request, and that you should know: that verification is off, that a store failed after
   * an event was processed, that `onError` itself failed; and once, where calls are refused as a wrong `account` or a proxy
   * without `publicUrl` would make them be.
   *
   * @default `console.warn`
   */
  readonly onWarning?: ((message: string, cause?: unknown) => unknown) | undefined;
}

/**
 * The options of {@link createWebhookHandler}: the callbacks of the events, and settings.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export type WebhookOptions<Platform extends readonly unknown[] = readonly unknown[]> = WebhookSettings<Platform> &
  WebhookCallbacks<Platform>;

type Callback = (...parameters: never[]) => unknown;

const callbackReaders = Object.fromEntries(callbackNames.map((name) => [name, optional(callback())])) as Readonly<
  Record<CallbackName, OptionReader<Callback | undefined>>
>; // as callbackNames says

/**
 * Settles the options of a handler, so that a mistake shows when the receiver starts, not when an event is lost.
 *
 * @throws {InvalidOptionError} If an option is misspelled or can't be used.
 */
export function checkOptions<Platform extends readonly unknown[]>(options: WebhookOptions<Platform>): void {
  settleOptions("createWebhookHandler", options, {
    account: optional(accountNumber),
    verify: nested({
      resolveTxt: optional(callback()),
      keyDomain: optional(text),
      clock,
      publicUrl: optional(httpUrl),
      maxAgeSeconds: withDefault(() => DEFAULT_MAX_AGE_SECONDS, numberAbove(0, MAX_TIMER_MS / 1_000)),
    }),
    deliveries: optional(objectWith<DeliveryStore>("claim", "complete", "release")),
    databases: withDefault(
      () => [],
      listOf<DatabaseRoute<Platform>>((route) => isRoute(route, "database"), "what database() makes"),
    ),
    path: optional(text),
    maxBodyBytes: withDefault(() => DEFAULT_MAX_BODY_BYTES, wholeNumber()),
    timeoutMs: withDefault(() => DEFAULT_TIMEOUT_MS, wholeNumber({ most: MAX_TIMER_MS })),
    timeZone,
    onEvent: optional(callback()),
    onUnhandled: optional(callback()),
    onError: optional(callback()),
    onWarning: optional(callback()),
    ...callbackReaders,
  });
  if ("account" in options && options.account === undefined) {
    // Mostly a variable of the environment that is not set; to go on would let everybody in.
    throw new InvalidOptionError("account is undefined; is the environment variable set?");
  }
  if (options.account === undefined && (options.verify !== undefined || options.deliveries !== undefined)) {
    throw new InvalidOptionError("verify and deliveries need account, which turns verification on.");
  }
}

import { InvalidOptionError } from "../errors.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import { type CallbackName, callbackNames } from "../events/map.ts";
import { timeZone } from "../events/timestamp.ts";
import {
  accountNumber,
  callback,
  listOf,
  MAX_TIMER_MS,
  nested,
  objectWith,
  optional,
  unlessFalse,
  wholeNumber,
  withDefault,
} from "../options/readers.ts";
import { type OptionReader, settleOptions } from "../options/settle.ts";
import type { ErasedCallbacks } from "../routes/callbacks.ts";
import { type DatabaseRoute, isDatabaseRoute } from "../routes/route.ts";
import { buildKeyLookup, keyReaders } from "../signature/keys.ts";
import { signatureReaders, type VerifierSettings } from "../signature/verify.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { AnsweredError } from "./errors.ts";
import type { HandlerInbox } from "./inbox.ts";
import { createErrorLog } from "./log.ts";
import type { InboxWebhookOptions, WebhookOptions } from "./options.ts";
import { pathPattern } from "./path.ts";
import { createWarner, logWarning, type Warn } from "./warn.ts";

/** The most bytes of a body that are accepted if `maxBodyBytes` does not say. */
export const DEFAULT_MAX_BODY_BYTES: number = 1_024 * 1_024;

/** How long a body may take to arrive if `bodyTimeoutMs` does not say, in milliseconds. */
export const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** How long the callbacks may take if `timeoutMs` does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * What a handler is made of: every option checked, every default filled in; and the callbacks of events, by their names. What
 * these get was checked where they were given, and is not known here any more.
 */
export interface HandlerSettings extends ErasedCallbacks<never> {
  /** Gets every event. */
  readonly onEvent: EventCallback | undefined;
  /** Gets the events that have no callback of their own. */
  readonly onUnhandled: EventCallback | undefined;
  /** What senders are verified against; undefined if anybody may send. */
  readonly verification: VerifierSettings | undefined;
  /** Whether it was said that anybody may send. */
  readonly isOpen: boolean;
  /** The store of deliveries; undefined for one in memory. */
  readonly deliveries: DeliveryStore | undefined;
  /** Where deliveries are stored before they are answered; undefined if callbacks run at once. */
  readonly inbox: HandlerInbox | undefined;
  /** The routes of databases. */
  readonly databases: readonly DatabaseRoute<never>[];
  /** The pattern of the path. */
  readonly path: string;
  /** The most bytes of a body. */
  readonly maxBodyBytes: number;
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number;
  /** How long the callbacks may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The IANA name of the time zone of timestamps. */
  readonly timeZone: string;
  /** Told of errors. */
  readonly onError: (error: AnsweredError, context: never) => unknown;
  /** Tells what is no error of a request. */
  readonly warn: Warn;
}

/**
 * Settles the options of a handler, so that a mistake shows when the receiver starts, not when an event is lost.
 *
 * @throws {InvalidOptionError} If an option is misspelled or can't be used.
 */
export function settleHandler<Platform extends readonly unknown[]>(
  options: WebhookOptions<Platform> | InboxWebhookOptions,
): HandlerSettings {
  const { account, verify, onWarning, ...settings } = settleOptions(OWNER, options, {
    account: optional(accountNumber),
    verify: unlessFalse(nested({ ...signatureReaders, ...keyReaders })),
    deliveries: optional(objectWith<DeliveryStore>("claim", "complete", "release")),
    inbox: optional(objectWith<HandlerInbox>("connect")),
    databases: withDefault(() => [], listOf<DatabaseRoute<never>>(isDatabaseRoute, "what database() makes")),
    path: pathPattern,
    maxBodyBytes: withDefault(() => DEFAULT_MAX_BODY_BYTES, wholeNumber()),
    bodyTimeoutMs: withDefault(() => DEFAULT_BODY_TIMEOUT_MS, wholeNumber({ most: MAX_TIMER_MS })),
    timeoutMs: withDefault(() => DEFAULT_TIMEOUT_MS, wholeNumber({ most: MAX_TIMER_MS })),
    timeZone,
    onEvent: optional(callback<EventCallback>()),
    onUnhandled: optional(callback<EventCallback>()),
    onError: withDefault(createErrorLog, callback<HandlerSettings["onError"]>()),
    onWarning: withDefault(() => logWarning, callback<NonNullable<WebhookOptions["onWarning"]>>()),
    ...callbackReaders,
  });
  // Mostly a variable of the environment that is not set: to go on would let everybody in.
  if ("account" in options && verify !== false) accountNumber(account, `${OWNER}: account`);
  const isVerified = account !== undefined && verify !== false;
  if (!isVerified && (settings.deliveries !== undefined || options.verify)) {
    throw new InvalidOptionError(`${OWNER}: verify and deliveries need account.`);
  }
  const given = options.verify || {};
  if (given.keys !== undefined && (given.resolveTxt ?? given.keyDomain)) {
    throw new InvalidOptionError(
      `${OWNER}: verify.keys has its own: give resolveTxt and keyDomain to createKeyLookup.`,
    );
  }
  const warn = createWarner(onWarning);
  return {
    ...settings,
    isOpen: verify === false,
    verification: isVerified
      ? { ...verify, account, keys: verify.keys ?? buildKeyLookup({ ...verify, warn }) }
      : undefined,
    warn,
  };
}

const OWNER = "createWebhookHandler";

/** A callback for events of any name. */
type EventCallback = (event: WebhookEvent | UnknownEvent, context: never) => unknown;

/** Takes the callbacks of all events: each was given with its own event's type. */
const callbackReaders = Object.fromEntries(callbackNames.map((name) => [name, optional(callback())])) as {
  readonly [Callback in CallbackName]: OptionReader<ErasedCallbacks<never>[Callback]>; // as callbackNames says
};

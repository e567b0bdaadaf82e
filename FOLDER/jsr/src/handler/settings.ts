import { InvalidOptionError } from "../errors.ts";
import { type CallbackName, callbackNames } from "../events/map.ts";
import {
  accountNumber,
  callback,
  listOf,
  MAX_TIMER_MS,
  nested,
  objectWith,
  optional,
  timeZone,
  unlessFalse,
  wholeNumber,
  withDefault,
} from "../options/readers.ts";
import { invalidOption, type OptionReader, settleOptions } from "../options/settle.ts";
import type { ErasedCallbacks } from "../routes/callbacks.ts";
import { type DatabaseRoute, isDatabaseRoute } from "../routes/database.ts";
import { createKeyLookup, keyLookupReaders } from "../signature/keys.ts";
import { signatureReaders, type VerifierSettings } from "../signature/verify.ts";
import type { DeliveryStore } from "./deliveries.ts";
import { createErrorLog } from "./log.ts";
import type { WebhookOptions } from "./options.ts";
import { pathPattern } from "./path.ts";
import { createWarner, logWarning, type Warn } from "./warn.ts";

/** The most bytes of a body that are accepted if `maxBodyBytes` does not say. */
export const DEFAULT_MAX_BODY_BYTES: number = 1_024 * 1_024;

/** How long a body may take to arrive if `bodyTimeoutMs` does not say, in milliseconds. */
export const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** How long the callbacks may take if `timeoutMs` does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** What a handler is made of: every option checked, every default filled in; and the callbacks of events, by their names. */
export interface HandlerSettings<Platform extends readonly unknown[]>
  extends ErasedCallbacks<Platform>,
    Pick<WebhookOptions<Platform>, "onEvent" | "onUnhandled"> {
  /** What senders are verified against; undefined if anybody may send. */
  readonly verification: VerifierSettings | undefined;
  /** The store of deliveries; undefined for one in memory. */
  readonly deliveries: DeliveryStore | undefined;
  /** The routes of databases. */
  readonly databases: readonly DatabaseRoute<Platform>[];
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
  readonly onError: NonNullable<WebhookOptions<Platform>["onError"]>;
  /** Tells what is no error of a request. */
  readonly warn: Warn;
}

/**
 * Settles the options of a handler, so that a mistake shows when the receiver starts, not when an event is lost.
 *
 * @throws {InvalidOptionError} If an option is misspelled or can't be used.
 */
export function settleHandler<Platform extends readonly unknown[]>(
  options: WebhookOptions<Platform>,
): HandlerSettings<Platform> {
  const { account, verify, onWarning, ...settings } = settleOptions(OWNER, options, {
    account: optional(accountNumber),
    verify: unlessFalse(nested({ ...signatureReaders, ...keyLookupReaders })),
    deliveries: optional(objectWith<DeliveryStore>("claim", "complete", "release")),
    databases: withDefault(() => [], listOf<DatabaseRoute<Platform>>(isDatabaseRoute, "what database() makes")),
    path: pathPattern,
    maxBodyBytes: withDefault(() => DEFAULT_MAX_BODY_BYTES, wholeNumber()),
    bodyTimeoutMs: withDefault(() => DEFAULT_BODY_TIMEOUT_MS, wholeNumber({ most: MAX_TIMER_MS })),
    timeoutMs: withDefault(() => DEFAULT_TIMEOUT_MS, wholeNumber({ most: MAX_TIMER_MS })),
    timeZone,
    onEvent: optional(callback<NonNullable<WebhookOptions<Platform>["onEvent"]>>()),
    onUnhandled: optional(callback<NonNullable<WebhookOptions<Platform>["onUnhandled"]>>()),
    onError: withDefault(createErrorLog, callback<NonNullable<WebhookOptions<Platform>["onError"]>>()),
    onWarning: withDefault(() => logWarning, callback<NonNullable<WebhookOptions["onWarning"]>>()),
    ...callbackReaders<Platform>(),
  });
  // Mostly a variable of the environment that is not set: to go on would let everybody in.
  if (account === undefined && "account" in options && verify !== false) {
    throw invalidOption(
      `${OWNER}: account`,
      "the number of your account (is the environment variable set?)",
      undefined,
    );
  }
  const isVerified = account !== undefined && verify !== false;
  if (!isVerified && (settings.deliveries !== undefined || options.verify)) {
    throw new InvalidOptionError(`${OWNER}: verify and deliveries need account, which turns verification on.`);
  }
  return {
    ...settings,
    verification: isVerified ? { ...verify, account, keys: verify.keys ?? createKeyLookup(verify) } : undefined,
    warn: createWarner(onWarning),
  };
}

const OWNER = "createWebhookHandler";

/** Takes the callbacks of all events: each was given with its own event's type. */
function callbackReaders<Platform extends readonly unknown[]>() {
  return Object.fromEntries(callbackNames.map((name) => [name, optional(callback())])) as {
    readonly [Callback in CallbackName]: OptionReader<ErasedCallbacks<Platform>[Callback]>; // as callbackNames says
  };
}

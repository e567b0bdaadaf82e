import { type AnsweredError, InvalidOptionError } from "../errors.ts";
import { callbackNames, type EventFor, type Events, type UnknownEvent, type WebhookEvent } from "../events/events.ts";
import { checkNames } from "../names.ts";
import type { DatabaseRoute } from "../routes/routes.ts";
import type { KeyLookupOptions } from "../signature/keys.ts";
import type { SignatureOptions } from "../signature/verify.ts";
import type { Claims } from "./claims.ts";
import type { WebhookContext } from "./context.ts";

/** The most bytes of a body that are accepted where `maxBodyBytes` does not say. */
export const DEFAULT_MAX_BODY_BYTES: number = 1_024 * 1_024;

/** How long the callbacks may take where `timeoutMs` does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** The longest time that a timer of any runtime takes, in milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

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
  readonly [Callback in keyof Events]?: (event: EventFor<Callback>, context: WebhookContext<Platform>) => unknown;
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
  readonly account?: number | string;
  /** How senders are verified, where that differs from the defaults. Only with `account`. */
  readonly verify?: VerifyOptions;
  /**
   * The store that makes the callbacks run once for each delivery. Give a shared one where several processes receive. Only
   * with `account`.
   *
   * @default `createMemoryClaims()`
   */
  readonly claims?: Claims;
  /** Routes for databases, and their collections, whose fields have types; see `database`. */
  readonly databases?: readonly DatabaseRoute<NoInfer<Platform>>[];
  /**
   * The path to answer at, a pattern of itty-router: `/webhooks/copernica`, `/hooks/:customer`. Other paths get 404. What
   * the pattern's parameters stand for is in `context.url`.
   *
   * @default any path
   */
  readonly path?: string;
  /**
   * The most bytes of a body that are accepted, as they arrive, whatever Content-Length says. Over it, the answer is 413.
   *
   * @default 1048576
   */
  readonly maxBodyBytes?: number;
  /**
   * How long the callbacks of one event may take together, in milliseconds. Then `context.signal` is aborted and the answer
   * is 503. At most 2147483647, some 24 days.
   *
   * @default 30000
   */
  readonly timeoutMs?: number;
  /**
   * The IANA name of the time zone of Copernica's timestamps, which carry none.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string;
  /**
   * Called with every event, its fields as they were sent, after its own callback or `onUnhandled`. Not called where that
   * one failed.
   */
  readonly onEvent?: (event: WebhookEvent | UnknownEvent, context: WebhookContext<Platform>) => unknown;
  /** Called with an event that has no callback of its own, or whose `type` is unknown. */
  readonly onUnhandled?: (event: WebhookEvent | UnknownEvent, context: WebhookContext<Platform>) => unknown;
  /**
   * Called with every error that is answered with another status than 2xx, its `cause` included; awaited before the answer,
   * for at most `timeoutMs`. The default tells what loses an event, not what a stranger tried.
   *
   * @default `console.error` from status 422 on
   */
  readonly onError?: (error: AnsweredError, context: WebhookContext<Platform>) => unknown;
  /**
   * Called with what is no error of a request, and that you should know: that verification is off, that a store failed after
   * an event was processed, that `onError` itself failed; and once, where calls are refused as a wrong `account` or a proxy
   * without `publicUrl` would make them be.
   *
   * @default `console.warn`
   */
  readonly onWarning?: (message: string, cause?: unknown) => unknown;
}

/**
 * The options of {@link createWebhookHandler}: the callbacks of the events, and settings.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export type WebhookOptions<Platform extends readonly unknown[] = readonly unknown[]> = WebhookSettings<Platform> &
  WebhookCallbacks<Platform>;

/** What an option must be, so far as `typeof` can tell. */
type Expected = "function" | "number" | "object" | "string" | "any";

const SETTINGS: { readonly [Setting in keyof WebhookSettings]-?: Expected } = {
  account: "any",
  verify: "object",
  claims: "object",
  databases: "object",
  path: "string",
  maxBodyBytes: "number",
  timeoutMs: "number",
  timeZone: "string",
  onEvent: "function",
  onUnhandled: "function",
  onError: "function",
  onWarning: "function",
};

const VERIFY_SETTINGS: { readonly [Setting in keyof VerifyOptions]-?: Expected } = {
  resolveTxt: "function",
  keyDomain: "string",
  clock: "function",
  publicUrl: "any",
  maxAgeSeconds: "number",
};

/**
 * Checks options at creation, so that a mistake shows when the receiver starts, not when an event is lost.
 *
 * @throws {InvalidOptionError} Where an option is misspelled or can't be used.
 */
export function checkOptions<Platform extends readonly unknown[]>(options: WebhookOptions<Platform>): void {
  const known = { ...SETTINGS, ...Object.fromEntries(callbackNames.map((name) => [name, "function"] as const)) };
  checkNames(options, Object.keys(known), "createWebhookHandler");
  checkTypes(options, known, "");
  checkBound("maxBodyBytes", options.maxBodyBytes, Number.MAX_SAFE_INTEGER);
  checkBound("timeoutMs", options.timeoutMs, MAX_TIMEOUT_MS);
  if (options.verify !== undefined) {
    checkNames(options.verify, Object.keys(VERIFY_SETTINGS), "verify");
    checkTypes(options.verify, VERIFY_SETTINGS, "verify.");
  }
  if (options.claims !== undefined) {
    const { claim, complete, release } = options.claims;
    if (![claim, complete, release].every((act) => typeof act === "function")) {
      throw new InvalidOptionError("claims must have the functions claim, complete and release.");
    }
  }
  if ("account" in options && options.account === undefined) {
    // Mostly a variable of the environment that is not set; to go on would let everybody in.
    throw new InvalidOptionError("account is undefined; leave it out to receive events from anybody.");
  }
  if (options.account === undefined && (options.verify !== undefined || options.claims !== undefined)) {
    throw new InvalidOptionError("verify and claims need account, which turns verification on.");
  }
}

function checkTypes(options: object, known: { readonly [name: string]: Expected }, prefix: string): void {
  for (const [name, value] of Object.entries(options)) {
    const expected = known[name];
    if (value === undefined || expected === undefined || expected === "any") continue;
    if (typeof value !== expected || value === null) {
      throw new InvalidOptionError(
        `${prefix}${name} must be ${expected === "object" ? "an object" : `a ${expected}`}.`,
      );
    }
  }
}

function checkBound(name: string, value: number | undefined, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value > 0 && value <= most)) {
    throw new InvalidOptionError(`${name} must be a positive whole number, at most ${most}.`);
  }
}

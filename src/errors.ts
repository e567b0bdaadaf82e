/**
 * The base of every error of this package.
 *
 * `code` is stable and literal, so `switch (error.code)` narrows; `message` says what to do and is safe to send to a stranger;
 * `cause` keeps what lies beneath and is never sent.
 *
 * @example
 * ```ts
 * import { createWebhookHandler } from "copernica-webhooks";
 *
 * createWebhookHandler({
 *   account: 1234,
 *   onError(error) {
 *     if (error.code === "callback_failed") console.error(error.event, error.cause);
 *   },
 * });
 * ```
 */
export abstract class WebhookError extends Error {
  /** A stable name for what went wrong. */
  abstract readonly code: string;
}

/** An option of one of this package's functions is unknown or can't be used. Thrown by that function, never answered. */
export class InvalidOptionError extends WebhookError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InvalidOptionError";
  /** Its stable name. */
  readonly code = "invalid_option";
}

/**
 * The base of every error that is answered. A verified delivery is in it, so that `onError` can keep what would be lost:
 * `deliveryId`, `body` and, as soon as it was understood, `event`.
 */
export abstract class HttpError extends WebhookError {
  /** The HTTP status of the answer. */
  abstract readonly status: number;
  /** Seconds after which the sender may try again: the answer's `Retry-After`. */
  declare readonly retryAfterSeconds?: number | undefined;
  /** The faults found in the event, if the answer lists them. */
  declare readonly faults?: readonly Fault[] | undefined;
  /** What identifies the delivery; undefined if its sender is not verified. */
  declare readonly deliveryId?: string | undefined;
  /** The bytes of the body, as they came; undefined if they were not read, or not from a verified sender. */
  declare readonly body?: Uint8Array | undefined;
}

/** Marks what is answered, in every copy of this package: one that is loaded as ESM and as CommonJS has each class twice. */
const ANSWERED = Symbol.for("copernica-webhooks.answered");

Object.defineProperty(HttpError.prototype, ANSWERED, { value: true });

/** Whether something that was thrown is an error that is answered, whichever copy of this package made it. */
export function isHttpError(thrown: unknown): thrown is HttpError {
  return typeof thrown === "object" && thrown !== null && ANSWERED in thrown;
}

/** One fault in an event: which variable, what was expected of it and what came. Never the value itself. */
export interface Fault {
  /** The variable as Copernica names it, its keys joined by dots: `profile`, `fields.age`. */
  readonly variable: string;
  /** What was expected, in words: `a positive whole number`. */
  readonly expected: string;
  /** What came, without its content: `nothing`, `text of 5 characters`, `a map`. */
  readonly received: string;
}

/** The codes of {@link RequestError}. */
export type RequestErrorCode =
  | "invalid_host"
  | "body_used"
  | "body_interrupted"
  | "undecodable_body"
  | "path_not_found"
  | "method_not_allowed"
  | "body_timeout"
  | "body_too_large"
  | "path_too_long"
  | "unsupported_content_type";

/** The status of each; 400 if it is not here. */
const STATUSES: { readonly [Code in RequestErrorCode]?: number } = {
  path_not_found: 404,
  method_not_allowed: 405,
  body_timeout: 408,
  body_too_large: 413,
  path_too_long: 414,
  unsupported_content_type: 415,
};

/**
 * A request that is no call of a webhook, or whose body can't be read:
 *
 * - `method_not_allowed` (405, with `Allow: POST`), `path_not_found` (404), `path_too_long` (414), `invalid_host` (400);
 * - `body_used` (400): something in the receiver read the body before the handler could;
 * - `body_interrupted` (400): the client went away or its connection failed; `body_timeout` (408): it took too long;
 * - `body_too_large` (413): more bytes than `maxBodyBytes`;
 * - `unsupported_content_type` (415): neither a form nor JSON, or in another charset than this runtime can decode;
 * - `undecodable_body` (400): it came as JSON and is no JSON object, or it exceeds a bound of {@link decodeForm}.
 */
export class RequestError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "RequestError";
  /** Its stable name. */
  readonly code: RequestErrorCode;
  /** The answer's status. */
  readonly status: number;

  /**
   * Makes the error.
   *
   * @param code What went wrong.
   * @param message What to do about it, safe to send to a stranger.
   * @param options `cause`: what lies beneath.
   */
  constructor(code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = STATUSES[code] ?? 400;
  }
}

/** How many faults a message names. */
const MAX_NAMED_FAULTS = 20;

/** Faults in words, for the message of an error. */
export function listFaults(faults: readonly Fault[]): string {
  const named = faults
    .slice(0, MAX_NAMED_FAULTS)
    .map(({ variable, expected, received }) => `${shorten(variable)} must be ${expected}, got ${received}`);
  const more = faults.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** How much of a variable's name, which a stranger may have made, an answer repeats, in UTF-16 code units. */
const MAX_SHORTENED_LENGTH = 128;

/** The name of a variable, fit for an answer. */
export function shorten(variable: string): string {
  return variable.length > MAX_SHORTENED_LENGTH ? `${variable.slice(0, MAX_SHORTENED_LENGTH)}…` : variable;
}

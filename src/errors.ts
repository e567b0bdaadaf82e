import type { UnknownEvent, WebhookEvent } from "./events/events.ts";

/** One fault in an event: which variable, what was expected of it and what came. Never the value itself. */
export interface Fault {
  /** The variable as Copernica names it, its keys joined by dots: `profile`, `fields.age`. */
  readonly variable: string;
  /** What was expected, in words: `a positive whole number`. */
  readonly expected: string;
  /** What came, without its content: `nothing`, `text of 5 characters`, `a map`. */
  readonly received: string;
}

/**
 * The base of every error of this package.
 *
 * `code` is stable and literal, so `switch (error.code)` narrows; `status` is the HTTP status of the answer; `message`
 * says what to do and is safe to send to a stranger; `cause` keeps what lies beneath and is never sent.
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
  /** The HTTP status of the answer. */
  abstract readonly status: number;
  /** The faults found in the event, where the answer lists them. */
  readonly faults?: readonly Fault[];
  /** Seconds after which the sender may try again: the answer's `Retry-After`. */
  readonly retryAfterSeconds?: number;

  /**
   * Makes the error.
   *
   * @param message What went wrong and what to do about it, safe to send to a stranger.
   * @param options `cause`: what lies beneath.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option of one of this package's functions is unknown or can't be used. Thrown by that function, never answered. */
export class InvalidOptionError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_option";
  /** The answer's status. */ readonly status = 500;
}

/** The description of a database is not what Copernica documents, or not all of it. Thrown by `generateRoutes`. */
export class InvalidDescriptionError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_description";
  /** The status of an answer that lets it out; the handler never does. */ readonly status = 500;
  /** Where in the description the fault lies: `fields.data[3].type`; empty for the description as a whole. */
  readonly path: string;

  /**
   * Says where a description is at fault, and how.
   *
   * @param path Where in the description the fault lies.
   * @param fault What is wrong there and what to do about it.
   */
  constructor(path: string, fault: string) {
    super(path === "" ? `The description ${fault}.` : `The description's ${path} ${fault}.`);
    this.path = path;
  }
}

/** The request is not a POST. Answered 405 with `Allow: POST`. */
export class MethodNotAllowedError extends WebhookError {
  /** Its stable name. */ readonly code = "method_not_allowed";
  /** The answer's status. */ readonly status = 405;
}

/** The request's path is not the handler's `path`. Answered 404. */
export class PathNotFoundError extends WebhookError {
  /** Its stable name. */ readonly code = "path_not_found";
  /** The answer's status. */ readonly status = 404;
}

/** Something read the request's body before the handler could. Answered 400. */
export class BodyUsedError extends WebhookError {
  /** Its stable name. */ readonly code = "body_used";
  /** The answer's status. */ readonly status = 400;
}

/** The body broke off: the client went away or its connection failed. Answered 400. */
export class BodyInterruptedError extends WebhookError {
  /** Its stable name. */ readonly code = "body_interrupted";
  /** The answer's status. */ readonly status = 400;
}

/** More bytes arrived than `maxBodyBytes`. Answered 413. */
export class BodyTooLargeError extends WebhookError {
  /** Its stable name. */ readonly code = "body_too_large";
  /** The answer's status. */ readonly status = 413;
}

/** The content type is neither that of a form nor that of JSON. Answered 415. */
export class UnsupportedContentTypeError extends WebhookError {
  /** Its stable name. */ readonly code = "unsupported_content_type";
  /** The answer's status. */ readonly status = 415;
}

/**
 * The body can't be decoded: it came as JSON and is no JSON object, or it exceeds `MAX_DEPTH`, `MAX_MAPS`, `MAX_VARIABLES`
 * or `MAX_KEY_LENGTH`. Answered 400.
 */
export class UndecodableBodyError extends WebhookError {
  /** Its stable name. */ readonly code = "undecodable_body";
  /** The answer's status. */ readonly status = 400;
}

/** Variables of a known event are missing or malformed. Answered 422, with every fault. */
export class InvalidEventError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_event";
  /** The answer's status. */ readonly status = 422;
  /** The faults that were found. */ override readonly faults: readonly Fault[];

  /**
   * Makes the error.
   *
   * @param faults Every fault that was found.
   * @param options `cause`: what lies beneath.
   */
  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(`The event lacks what its type asks for: ${listed(faults)}.`, options);
    this.faults = faults;
  }
}

/**
 * Fields of an event do not fit the field types of its route. Answered 422, with every fault. Nothing is lost: `event` is
 * the event with its fields as they were sent, for `onError` to keep.
 */
export class InvalidFieldsError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_fields";
  /** The answer's status. */ readonly status = 422;
  /** The faults that were found. */ override readonly faults: readonly Fault[];
  /** The event, its fields as they were sent. */
  readonly event: WebhookEvent;

  /**
   * Makes the error.
   *
   * @param faults Every fault that was found.
   * @param event The event, its fields as they were sent.
   * @param options `cause`: what lies beneath.
   */
  constructor(faults: readonly Fault[], event: WebhookEvent, options?: ErrorOptions) {
    super(`Fields do not fit their types: ${listed(faults)}.`, options);
    this.faults = faults;
    this.event = event;
  }
}

/**
 * A callback, or a schema of its route, threw or rejected; `cause` is what it threw. Answered 500, with nothing of the
 * exception.
 */
export class CallbackFailedError extends WebhookError {
  /** Its stable name. */ readonly code = "callback_failed";
  /** The answer's status. */ readonly status = 500;
  /** The event that the callback was called with, its fields as they were sent. */
  readonly event: WebhookEvent | UnknownEvent;

  /**
   * Makes the error.
   *
   * @param event The event that the callback was called with.
   * @param options `cause`: what the callback threw.
   */
  constructor(event: WebhookEvent | UnknownEvent, options?: ErrorOptions) {
    super("The receiver failed to process this event; its own log says why.", options);
    this.event = event;
  }
}

/**
 * The callbacks took longer than `timeoutMs`. They go on, and what they come to still decides whether the delivery is done.
 * Answered 503.
 */
export class CallbackTimeoutError extends WebhookError {
  /** Its stable name. */ readonly code = "callback_timeout";
  /** The answer's status. */ readonly status = 503;
  /** The event that the callbacks were called with, its fields as they were sent. */
  readonly event: WebhookEvent | UnknownEvent;

  /**
   * Makes the error.
   *
   * @param event The event that the callbacks were called with.
   */
  constructor(event: WebhookEvent | UnknownEvent) {
    super("The receiver took too long to process this event.");
    this.event = event;
  }
}

/** The handler itself failed, for a reason that it can't name; see `cause`. Answered 500. */
export class InternalError extends WebhookError {
  /** Its stable name. */ readonly code = "internal_error";
  /** The answer's status. */ readonly status = 500;
}

/** The `Signature` header is missing or unreadable. Answered 401. */
export class InvalidSignatureHeaderError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_signature_header";
  /** The answer's status. */ readonly status = 401;
}

/** The `Digest` header is missing or unreadable. Answered 401. */
export class InvalidDigestHeaderError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_digest_header";
  /** The answer's status. */ readonly status = 401;
}

/** The `Date` header is missing or unreadable. Answered 401. */
export class InvalidDateHeaderError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_date_header";
  /** The answer's status. */ readonly status = 401;
}

/** The `X-Copernica-ID` header is missing or unreadable. Answered 401. */
export class InvalidAccountHeaderError extends WebhookError {
  /** Its stable name. */ readonly code = "invalid_account_header";
  /** The answer's status. */ readonly status = 401;
}

/** The signature does not cover everything that it must, or covers a header that did not come. Answered 401. */
export class SignatureIncompleteError extends WebhookError {
  /** Its stable name. */ readonly code = "signature_incomplete";
  /** The answer's status. */ readonly status = 401;
}

/** The call is for another account. Answered 401. */
export class AccountMismatchError extends WebhookError {
  /** Its stable name. */ readonly code = "account_mismatch";
  /** The answer's status. */ readonly status = 401;
}

/** The signature or the digest is made with an algorithm that is not accepted. Answered 401. */
export class AlgorithmRefusedError extends WebhookError {
  /** Its stable name. */ readonly code = "algorithm_refused";
  /** The answer's status. */ readonly status = 401;
}

/** The keyId is not the name of a key of Copernica's. Refused before any look-up; answered 401. */
export class KeyIdRefusedError extends WebhookError {
  /** Its stable name. */ readonly code = "key_id_refused";
  /** The answer's status. */ readonly status = 401;
}

/** The Date lies too far in the past or in the future. Answered 401. */
export class DateOutOfRangeError extends WebhookError {
  /** Its stable name. */ readonly code = "date_out_of_range";
  /** The answer's status. */ readonly status = 401;
}

/** The Digest is not that of the bytes received. Answered 401. */
export class DigestMismatchError extends WebhookError {
  /** Its stable name. */ readonly code = "digest_mismatch";
  /** The answer's status. */ readonly status = 401;
}

/** The signature does not verify with the key that it names. Answered 401. */
export class SignatureMismatchError extends WebhookError {
  /** Its stable name. */ readonly code = "signature_mismatch";
  /** The answer's status. */ readonly status = 401;
}

/** DNS has no key under the keyId. Answered 401. */
export class KeyNotFoundError extends WebhookError {
  /** Its stable name. */ readonly code = "key_not_found";
  /** The answer's status. */ readonly status = 401;
}

/** The key is revoked: its record in DNS is empty. Answered 401. */
export class KeyRevokedError extends WebhookError {
  /** Its stable name. */ readonly code = "key_revoked";
  /** The answer's status. */ readonly status = 401;
}

/** The key in DNS can't be used: it is no readable RSA key, or not one of 1024 to 8192 bits. Answered 401. */
export class KeyRefusedError extends WebhookError {
  /** Its stable name. */ readonly code = "key_refused";
  /** The answer's status. */ readonly status = 401;
}

/**
 * DNS did not answer, or too many keys are being looked up, so nobody can say whether the call is genuine. Answered 503 with
 * `Retry-After`.
 */
export class KeyUnavailableError extends WebhookError {
  /** Its stable name. */ readonly code = "key_unavailable";
  /** The answer's status. */ readonly status = 503;
  /** The answer's `Retry-After`, in seconds. */ override readonly retryAfterSeconds: number = 30;
}

/** Another process, or another request, is running the callbacks for this delivery. Answered 409 with `Retry-After`. */
export class DeliveryInProgressError extends WebhookError {
  /** Its stable name. */ readonly code = "delivery_in_progress";
  /** The answer's status. */ readonly status = 409;
  /** The answer's `Retry-After`, in seconds. */ override readonly retryAfterSeconds: number = 30;
}

/**
 * The store of claims failed, so nobody can say whether this delivery was processed before; see `cause`. Answered 503 with
 * `Retry-After`.
 */
export class ClaimsUnavailableError extends WebhookError {
  /** Its stable name. */ readonly code = "claims_unavailable";
  /** The answer's status. */ readonly status = 503;
  /** The answer's `Retry-After`, in seconds. */ override readonly retryAfterSeconds: number = 30;
}

/** Why the sender of a call is not verified: what `verifySignature` throws. */
export type VerificationError =
  | InvalidSignatureHeaderError
  | InvalidDigestHeaderError
  | InvalidDateHeaderError
  | InvalidAccountHeaderError
  | SignatureIncompleteError
  | AccountMismatchError
  | AlgorithmRefusedError
  | KeyIdRefusedError
  | DateOutOfRangeError
  | DigestMismatchError
  | SignatureMismatchError
  | KeyNotFoundError
  | KeyRevokedError
  | KeyRefusedError
  | KeyUnavailableError;

/** Every error that is answered, and that `onError` is told of: a union that `code` narrows. */
export type AnsweredError =
  | MethodNotAllowedError
  | PathNotFoundError
  | BodyUsedError
  | BodyInterruptedError
  | BodyTooLargeError
  | VerificationError
  | UnsupportedContentTypeError
  | UndecodableBodyError
  | InvalidEventError
  | InvalidFieldsError
  | DeliveryInProgressError
  | ClaimsUnavailableError
  | CallbackFailedError
  | CallbackTimeoutError
  | InternalError;

/** Every `code` of this package's errors. */
export type WebhookErrorCode = (AnsweredError | InvalidOptionError | InvalidDescriptionError)["code"];

/** How many faults a message names. */
const MAX_NAMED_FAULTS = 20;

function listed(faults: readonly Fault[]): string {
  const named = faults
    .slice(0, MAX_NAMED_FAULTS)
    .map(({ variable, expected, received }) => `${brief(variable)} must be ${expected}, got ${received}`);
  const more = faults.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** How much of a variable's name, which a stranger may have made, an answer repeats, in UTF-16 code units. */
const MAX_BRIEF_LENGTH = 128;

/** The name of a variable, fit for an answer. */
export function brief(variable: string): string {
  return variable.length > MAX_BRIEF_LENGTH ? `${variable.slice(0, MAX_BRIEF_LENGTH)}…` : variable;
}

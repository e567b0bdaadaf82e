import { HttpError, type InvalidOptionError, isHttpError, type RequestError } from "../errors.ts";
import type { InvalidEventError } from "../events/error.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import type { InvalidFieldsError } from "../routes/error.ts";
import type { VerificationError } from "../signature/error.ts";

/**
 * The callbacks of an event did not succeed:
 *
 * - `callback_failed` (500): a callback, or a schema of its route, threw or rejected; `cause` is what it threw. The answer
 *   holds nothing of it;
 * - `callback_timeout` (503): they took longer than `timeoutMs`. They go on, and what they come to still decides whether the
 *   delivery is done.
 */
export class CallbackError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "CallbackError";
  /** Its stable name. */
  readonly code: "callback_failed" | "callback_timeout";
  /** The answer's status. */
  readonly status: 500 | 503;
  /** The event that the callbacks were called with, its fields as they were sent. */
  readonly event: WebhookEvent | UnknownEvent;

  /**
   * Makes the error.
   *
   * @param code What went wrong.
   * @param event The event that the callbacks were called with.
   * @param options `cause`: what a callback threw.
   */
  constructor(
    code: "callback_failed" | "callback_timeout",
    event: WebhookEvent | UnknownEvent,
    options?: ErrorOptions,
  ) {
    super(
      code === "callback_failed"
        ? "The receiver failed to process this event; its own log says why."
        : "The receiver took too long to process this event.",
      options,
    );
    this.code = code;
    this.status = code === "callback_failed" ? 500 : 503;
    this.event = event;
  }
}

/** How soon a delivery may come again that could not be claimed, in seconds. */
const RETRY_AFTER_SECONDS = 30;

/**
 * The callbacks of a delivery are not run now, with `Retry-After`:
 *
 * - `delivery_in_progress` (409): another process, or another request, runs them for this delivery;
 * - `deliveries_unavailable` (503): the store of deliveries failed, so nobody can say whether they ran before; see `cause`.
 */
export class DeliveryError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "DeliveryError";
  /** Its stable name. */
  readonly code: "delivery_in_progress" | "deliveries_unavailable";
  /** The answer's status. */
  readonly status: 409 | 503;
  /** The answer's `Retry-After`, in seconds. */
  override readonly retryAfterSeconds: number = RETRY_AFTER_SECONDS;
  /** The event that the delivery brings. */
  readonly event: WebhookEvent | UnknownEvent;

  /**
   * Makes the error.
   *
   * @param code What went wrong.
   * @param event The event that the delivery brings.
   * @param options `cause`: what the store threw.
   */
  constructor(
    code: "delivery_in_progress" | "deliveries_unavailable",
    event: WebhookEvent | UnknownEvent,
    options?: ErrorOptions,
  ) {
    super(
      code === "delivery_in_progress"
        ? "This event is being processed; send it again later."
        : "The receiver can't tell whether it had this event before; send it again.",
      options,
    );
    this.code = code;
    this.status = code === "delivery_in_progress" ? 409 : 503;
    this.event = event;
  }
}

/** The handler itself failed, for a reason that it can't name; see `cause`. Answered 500. */
export class InternalError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InternalError";
  /** Its stable name. */
  readonly code = "internal_error";
  /** The answer's status. */
  readonly status = 500;
  /** The event, if it was understood before. */
  readonly event?: WebhookEvent | UnknownEvent | undefined;
}

/** Every error that is answered, and that `onError` is told of: a union that `code` narrows. */
export type AnsweredError =
  | RequestError
  | VerificationError
  | InvalidEventError
  | InvalidFieldsError
  | DeliveryError
  | CallbackError
  | InternalError;

/** Every `code` of this package's errors. */
export type WebhookErrorCode = (AnsweredError | InvalidOptionError)["code"];

/** An error as it is answered and told of, whatever was thrown. */
export function toAnsweredError(thrown: unknown): AnsweredError {
  if (isHttpError(thrown)) return thrown as AnsweredError; // the base of nothing else
  return new InternalError("The receiver failed; its own log says why.", { cause: thrown });
}

import { RequestError } from "../errors.ts";

/** The body has more bytes than are accepted. */
export function bodyTooLarge(maxBytes: number): RequestError {
  const message = `The body has more than the ${maxBytes} bytes that this receiver accepts.`;
  return new RequestError("body_too_large", message);
}

/** The body broke off. */
export function bodyInterrupted(cause?: unknown): RequestError {
  return new RequestError("body_interrupted", "The body broke off; send the event again.", { cause });
}

/** The body took too long to arrive. */
export function bodyTimedOut(): RequestError {
  return new RequestError("body_timeout", "The body took too long to arrive; send the event again.");
}

import { RequestError } from "../errors.ts";

/** The body has more bytes than are accepted, or than it said. */
export function refuseLargeBody(bytes: number, which = "that this receiver accepts"): RequestError {
  return new RequestError("body_too_large", `The body has more than the ${bytes} bytes ${which}.`);
}

/** Something read the body first. */
export function refuseUsedBody(cause?: unknown): RequestError {
  const remedy = "let the webhook handler come before body parsers, such as express.json()";
  return new RequestError("body_used", `Something in the receiver read the body first; ${remedy}.`, { cause });
}

/** The body broke off. */
export function refuseBrokenBody(place: string, cause?: unknown): RequestError {
  return new RequestError("body_interrupted", `The body broke off ${place}; send the event again.`, { cause });
}

/** The body took too long to arrive. */
export function refuseSlowBody(): RequestError {
  return new RequestError("body_timeout", "The body took too long to arrive; send the event again.");
}

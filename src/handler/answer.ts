import { type HttpError, shorten } from "../errors.ts";
import { REQUIRED_HEADERS } from "../signature/header.ts";

/** An answer before it is made a `Response`, or written by Node's server: a status, and headers with a body or neither. */
export type Answer = {
  /** The HTTP status. */
  readonly status: number;
} & (
  | {
      /** The headers, their names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** The body. */
      readonly body: string;
    }
  | { readonly headers?: undefined; readonly body: null }
);

/** The answer to a delivery that is safe with the receiver. */
export const DONE: Answer = { status: 200, body: null };

/** The `Response` of an answer. */
export function createResponse({ status, headers, body }: Answer): Response {
  // Made without headers if there are none: to make those takes longer than all else of it.
  return new Response(body, headers === undefined ? { status } : { status, headers });
}

/** How many faults an answer lists; `onError` gets all. */
const MAX_ANSWERED_FAULTS = 1_000;

/** The answer to what went wrong: problem details (RFC 9457) with the error's `code`, and nothing of its cause. */
export function describeProblem({
  code,
  status,
  message,
  faults,
  retryAfterSeconds,
}: HttpError & { code: string }): Answer {
  const answered = faults
    ?.slice(0, MAX_ANSWERED_FAULTS)
    .map((fault) => ({ ...fault, variable: shorten(fault.variable) }));
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(status === 405 && { allow: "POST" }),
      ...(status === 401 && { "www-authenticate": CHALLENGE }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ title: TITLES[status], status, detail: message, code, faults: answered }),
  };
}

/** What a signature must cover, in the words of draft-cavage-http-signatures; RFC 9110 asks for a challenge with 401. */
const CHALLENGE = `Signature realm="Copernica",headers="${REQUIRED_HEADERS.join(" ")}"`;

/** RFC 9457 asks for the status phrase if a problem has no type of its own. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

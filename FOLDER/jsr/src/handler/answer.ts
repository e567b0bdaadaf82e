import { type HttpError, shorten } from "../errors.ts";

/** An answer before it is made a `Response`, or written by Node's server. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** The headers, their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; null if there is none. */
  readonly body: string | null;
}

/** The answer to a delivery that is safe with the receiver. */
export const DONE: Answer = { status: 200, headers: {}, body: null };

/** The `Response` of an answer. */
export function createResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
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
const CHALLENGE = 'Signature realm="Copernica",headers="(request-target) host date digest x-copernica-id"';

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

import { type HttpError, shorten } from "../errors.ts";

/** The answer to a delivery that is safe with the receiver. */
export function answerDone(): Response {
  return new Response(null, { status: 200 });
}

/** How many faults an answer lists; `onError` gets all. */
const MAX_ANSWERED_FAULTS = 1_000;

/** The answer to what went wrong: a problem document (RFC 9457) with the error's `code`, and nothing of its cause. */
export function answerError(error: HttpError): Response {
  const { code, status, message, faults, retryAfterSeconds } = error;
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (status === 405) headers.set("allow", "POST");
  if (status === 401) headers.set("www-authenticate", CHALLENGE);
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  const answered = faults
    ?.slice(0, MAX_ANSWERED_FAULTS)
    .map((fault) => ({ ...fault, variable: shorten(fault.variable) }));
  const problem = { title: TITLES[status], status, detail: message, code, faults: answered };
  return new Response(JSON.stringify(problem), { status, headers });
}

/** What a signature must cover, in the words of draft-cavage-http-signatures; RFC 9110 asks for a challenge with 401. */
const CHALLENGE = 'Signature realm="Copernica",headers="(request-target) host date digest x-copernica-id"';

/** RFC 9457 asks for the status phrase where a problem has no type of its own. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

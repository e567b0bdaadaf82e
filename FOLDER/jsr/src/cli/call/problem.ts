import type { Answer } from "./post.ts";

/** How much of an answer that is no problem document is shown, in characters. */
const MAX_SHOWN_LENGTH = 200;

/** What an answer says went wrong: a problem document's code and detail (RFC 9457), or how its text begins. */
export function problemOf({ body, headers, failure }: Answer): string {
  if (failure !== undefined) return failure;
  const text = new TextDecoder().decode(body);
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (/^application\/(?:problem\+)?json\b/i.test(type)) {
    const problem = parse(text);
    const said = [problem.code, problem.detail ?? problem.title].filter((part) => typeof part === "string");
    if (said.length > 0) return said.join(": ");
  }
  return text.trim().slice(0, MAX_SHOWN_LENGTH);
}

interface Problem {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
}

function parse(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {}; // whatever it is, it is shown as text
  }
}

/** Whether the receiver took the call. */
export function isAccepted({ status }: Answer): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

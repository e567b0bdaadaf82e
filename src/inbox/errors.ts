import { WebhookError } from "../errors.ts";
import { MAX_ERROR_LENGTH, type Refusal } from "./delivery.ts";

/**
 * Thrown by a callback that runs from an inbox: gives the delivery up at once, without another attempt. It can be replayed.
 *
 * @example
 * ```ts
 * import { DiscardError } from "copernica-webhooks/inbox";
 *
 * async function onProfileCreate(event: { profile: number }): Promise<void> {
 *   const response = await fetch(`https://crm.example/profiles/${event.profile}`, { method: "PUT" });
 *   if (response.status === 410) throw new DiscardError("The CRM no longer takes this profile.");
 *   if (!response.ok) throw new Error(`The CRM answered ${response.status}.`);
 * }
 * ```
 */
export class DiscardError extends WebhookError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "DiscardError";
  /** Its stable name. */
  readonly code = "delivery_discarded";
}

/** An inbox can't be opened, read or written; `message` says why and what to do, see also `cause`. Never answered. */
export class InboxUnavailableError extends WebhookError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InboxUnavailableError";
  /** Its stable name. */
  readonly code = "inbox_unavailable";
}

/** Whether what a callback threw gives the delivery up. By its code: a package may be loaded twice, as ESM and as CommonJS. */
export function isDiscard(thrown: unknown): boolean {
  return (
    thrown instanceof Error && "code" in thrown && thrown.code === ("delivery_discarded" satisfies DiscardError["code"])
  );
}

/** Why a delivery was refused, in words that are worth keeping. */
export function describeRefusal({ code, message }: Refusal): string {
  return `${code}: ${message}`.slice(0, MAX_ERROR_LENGTH);
}

/** How many causes of an error are told of. */
const MAX_CAUSES = 5;

/** What an attempt threw, in words that are worth keeping. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let cause: unknown = thrown;
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined; depth += 1) {
    parts.push(describeOne(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return parts.join("\nCaused by: ").slice(0, MAX_ERROR_LENGTH);
}

function describeOne(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    const { stack } = thrown;
    const headline = `${thrown.name}: ${thrown.message}`;
    // Not every runtime begins the stack with the message.
    return stack === undefined ? headline : stack.includes(thrown.message) ? stack : `${headline}\n${stack}`;
  } catch {
    return "Something was thrown that can't be put in words.";
  }
}

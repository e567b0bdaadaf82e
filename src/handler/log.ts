import type { AnsweredError } from "./errors.ts";

/** How long refused calls are counted before their number is told, in milliseconds. */
const COUNT_MS = 60_000;

/** How many lost deliveries are remembered, so that a replay of one is not told again. */
const MAX_REMEMBERED_LOSSES = 1_024;

/** From this status on, it is the receiver that failed. */
const FIRST_STATUS_OF_FAILURE = 500;

/**
 * Makes what tells of errors if no `onError` is given. A line for every genuine event that was not processed; of what a
 * stranger can cause at will, no more than a count once a minute. It names ids, events, variables, codes and shapes, and
 * never a value: an exception's message may hold one, so it stays out too.
 */
export function createErrorLog(): (error: AnsweredError) => void {
  const losses = new Set<string>();
  const counts = new Map<string, number>();
  let toldAt = -COUNT_MS;

  return (error) => {
    const isFailure = error.status >= FIRST_STATUS_OF_FAILURE && error.code !== "key_unavailable";
    if (error.deliveryId !== undefined || isFailure) tellLoss(error);
    else count(error);
  };

  function tellLoss(error: AnsweredError): void {
    const { code, status, message, deliveryId } = error;
    const loss = `${deliveryId} ${code}`;
    if (deliveryId !== undefined && losses.has(loss)) return;
    const [oldest] = losses;
    if (oldest !== undefined && losses.size >= MAX_REMEMBERED_LOSSES) losses.delete(oldest);
    losses.add(loss);
    const event = "event" in error && error.event !== undefined ? error.event.name : "an event";
    const delivery = deliveryId === undefined ? "" : ` of delivery ${deliveryId}`;
    const cause = status >= FIRST_STATUS_OF_FAILURE && error.cause !== undefined ? describeCause(error.cause) : "";
    tell(`${event}${delivery} was not processed (${status} ${code}): ${message} ${cause}`);
  }

  function count({ code, status, message }: AnsweredError): void {
    const now = Date.now();
    if (now - toldAt < COUNT_MS && now >= toldAt) {
      counts.set(code, (counts.get(code) ?? 0) + 1);
      return;
    }
    const more = [...counts].map(([refused, times]) => `${times} with ${refused}`).join(", ");
    counts.clear();
    toldAt = now;
    tell(
      `a call was refused (${status} ${code}): ${message} ` +
        (more === "" ? "More are counted, and told once a minute." : `Before it, more were: ${more}.`),
    );
  }
}

function tell(line: string): void {
  console.error(`copernica-webhooks: ${toPrintable(line.trim())}`);
}

/** The most that a log repeats of what a sender may have made, in UTF-16 code units. */
const MAX_PRINTED_LENGTH = 2_000;

/** What a reader of a log can't see, or what reorders or breaks its lines. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text for one line of a log. */
export function toPrintable(text: string): string {
  return text.slice(0, MAX_PRINTED_LENGTH).replace(UNPRINTABLE, "\uFFFD");
}

/** How many frames of a stack are told. */
const MAX_FRAMES = 5;

/** What was thrown, without its message, which may hold values: its name, its code, and where it comes from. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return "What was thrown is no Error.";
  const { name, message, stack = "" } = cause;
  const code = "code" in cause && typeof cause.code === "string" ? ` ${cause.code}` : "";
  const frames = stack.slice(stack.indexOf(message) + message.length).match(/^ +at .*$/gm) ?? [];
  const places = frames.slice(0, MAX_FRAMES).map((frame) => frame.trim());
  return toPrintable(
    `${/^[\w.]{1,64}$/.test(name) ? name : "Error"}${/^ \w{1,64}$/.test(code) ? code : ""} ${places.join(" ")}`,
  );
}

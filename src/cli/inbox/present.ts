import type { AttemptError, DeliveryRecord, DeliveryState, DeliverySummary } from "../../inbox/delivery.ts";
import { readReceived } from "../listen/received.ts";
import { redactVariables } from "../terminal/redact.ts";
import type { Style } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { treeLines } from "../terminal/tree.ts";
import { shorten, visible } from "../terminal/visible.ts";
import { captureOf } from "./capture.ts";

/** A delivery in a line; its id is the last word. */
function deliveryLine(delivery: DeliverySummary, style: Style): string {
  const { deliveryId, state, attempt, receivedAt, event, nextAttemptAt } = delivery;
  return [
    style.dim(receivedAt.toISOString()),
    markState(state, style)(state.padEnd(9)),
    style.bold(visible(shorten(event?.name ?? "unreadable", 40)).padEnd(18)),
    ...idsOf(delivery),
    `attempt ${attempt}`,
    ...(nextAttemptAt === undefined ? [] : [`next ${nextAttemptAt.toISOString()}`]),
    style.dim(visible(deliveryId)),
  ].join("  ");
}

function markState(state: DeliveryState, { green, red, yellow }: Style): (text: string) => string {
  return { available: yellow, running: yellow, retryable: yellow, completed: green, discarded: red }[state];
}

function idsOf({ event }: DeliverySummary): string[] {
  return (["profile", "subprofile", "database", "collection"] as const).flatMap((name) => {
    return event?.[name] === undefined ? [] : [`${name} ${event[name]}`];
  });
}

/** Prints a delivery in a line: to be read, or as JSON. */
export function printDelivery(delivery: DeliverySummary, json: boolean, terminal: Terminal): void {
  if (json) terminal.printJson(deliveryJson(delivery));
  else terminal.print(deliveryLine(delivery, terminal.style));
}

/** A delivery as an object of JSON; times as ISO 8601. */
function deliveryJson(delivery: DeliverySummary): object {
  return { type: "delivery", ...delivery };
}

/** All that an inbox knows of a delivery, over several lines. */
export function recordLines(record: DeliveryRecord, redacted: boolean, style: Style): readonly string[] {
  const { deliveryId, state, attempt, receivedAt, url, headers, body, errors, settledAt, nextAttemptAt } = record;
  const { name, variables, problem } = shownEvent(record, redacted);
  const rows: readonly (readonly [string, string | Date | undefined])[] = [
    ["delivery", deliveryId],
    ["state", `${state}, attempt ${attempt}`],
    ["about", idsOf(record).join(", ")],
    ["received", receivedAt],
    ["settled", settledAt],
    ["next attempt", nextAttemptAt],
    ["url", url],
    ["problem", problem],
  ];
  return [
    style.bold(visible(name)),
    ...rows.flatMap(([title, value]) => {
      const text = value instanceof Date ? value.toISOString() : value;
      return text ? [`  ${style.dim(title.padEnd(12))}  ${visible(text)}`] : [];
    }),
    style.bold("headers"),
    ...treeLines(headers, "  ", style),
    style.bold(`body, ${body.byteLength} bytes`),
    ...(variables === undefined ? [] : treeLines(variables, "  ", style)),
    ...(errors.length === 0 ? [] : [style.bold("failed attempts")]),
    ...errors.flatMap((error) => errorLines(shownError(error, redacted), style)),
  ];
}

function errorLines({ attempt, at, message }: AttemptError, style: Style): readonly string[] {
  const [first = "", ...more] = message.split("\n");
  const line = `  ${attempt}  ${style.dim(at.toISOString())}  ${style.red(visible(first))}`;
  return [line, ...more.map((text) => `     ${visible(text)}`)];
}

/** All that an inbox knows of a delivery, as an object of JSON: its body in base64, unless it is redacted. */
export function recordJson(record: DeliveryRecord, redacted: boolean): object {
  const { variables, problem } = shownEvent(record, redacted);
  return {
    ...deliveryJson(record),
    body: redacted ? undefined : Buffer.from(record.body).toString("base64"),
    variables,
    problem,
    errors: record.errors.map((error) => shownError(error, redacted)),
  };
}

function shownEvent(
  record: DeliveryRecord,
  redacted: boolean,
): Pick<ReturnType<typeof readReceived>, "name" | "variables" | "problem"> {
  const { name, variables, problem } = readReceived(captureOf(record));
  return { name, variables: variables && redacted ? redactVariables(variables) : variables, problem };
}

/** What an attempt failed with; redacted, without what was said of it: only its name, and where it was thrown. */
function shownError(error: AttemptError, redacted: boolean): AttemptError {
  if (!redacted) return error;
  const lines = error.message.split("\n").flatMap((line) => {
    const [, headline] = /^((?:Caused by: )?[\w$.]+):/.exec(line) ?? [];
    if (headline !== undefined) return [`${headline}: redacted`];
    return /^ {4}at /.test(line) ? [line] : [];
  });
  return { ...error, message: lines.join("\n") || "redacted" };
}

import type { FormTree } from "../../form/tree.ts";
import { captureJson } from "../call/capture.ts";
import { isAccepted, problemOf } from "../call/problem.ts";
import { redactVariables } from "../terminal/redact.ts";
import type { Style } from "../terminal/style.ts";
import { shorten, visible } from "../terminal/visible.ts";
import type { Attempt, ReceivedCall } from "./received.ts";

/** How much of a text that others chose a line shows, in characters. */
const MAX_SHOWN_LENGTH = 200;

/** A call in a line, and beneath it what is wrong with it. */
export function callLines(received: ReceivedCall, style: Style): readonly string[] {
  const { number, call, event, verification } = received;
  const time = new Date(call.receivedAt ?? 0).toTimeString().slice(0, 8);
  const { variables } = event;
  const ids = ["profile", "subprofile", "database", "collection", "mailing"].flatMap((name) => {
    const id = variables?.[name];
    return typeof id === "string" ? [`${name} ${shorten(id, 20)}`] : [];
  });
  const failed = verification.steps.filter(({ outcome }) => outcome === "failed");
  const [first] = failed;
  const verified = first === undefined ? style.green("verified") : style.red(`not verified: ${first.name}`);
  const line = [
    style.dim(time),
    `#${number}`,
    style.bold(visible(shorten(event.name, 40)).padEnd(18)),
    ...ids.map(visible),
    verified,
    ...appText(received, style),
  ].join("  ");
  const details = [...failed.map(({ name, detail }) => `${name}: ${detail}`), ...problemsOf(received)];
  return [line, ...details.map((detail) => `          ${shorten(visible(detail), MAX_SHOWN_LENGTH)}`)];
}

/** What happened to a call after its line was printed: it was delivered, or replayed. */
export function attemptLine(received: ReceivedCall, style: Style): string {
  const time = style.dim(new Date().toTimeString().slice(0, 8));
  const name = style.bold(visible(shorten(received.event.name, 40)).padEnd(18));
  return [time, `#${received.number}`, name, ...appText(received, style)].join("  ");
}

/** What the app made of a call; nothing if it was not handed to one. */
function appText({ attempts, isWaiting, stored }: ReceivedCall, style: Style): readonly string[] {
  if (isWaiting) return [style.yellow("waits for the app")];
  if (stored !== undefined && attempts.length === 0) return [stored === "stored" ? "stored" : "stored before"];
  return attempts.slice(-1).map(({ answer, signed }) => {
    const mark = isAccepted(answer) ? style.green : style.red;
    const how = signed === "anew" ? " signed anew" : "";
    return `${mark(`app ${answer.status ?? "unreachable"}`)} in ${Math.round(answer.milliseconds)} ms${how}`;
  });
}

function problemsOf({ event, attempts }: ReceivedCall): readonly string[] {
  const { problem, faults } = event;
  const ownProblems =
    faults.length === 0
      ? [problem].filter((text) => text !== undefined)
      : faults.map(({ variable, expected, received }) => `${variable} must be ${expected}, got ${received}`);
  const refusals = attempts
    .slice(-1)
    .filter(({ answer }) => answer.status !== undefined && !isAccepted(answer))
    .map(({ answer }) => `app: ${problemOf(answer)}`);
  return [...ownProblems, ...refusals];
}

/** A call as an object of JSON: enough to verify it at any time, unless it is redacted. */
export function receivedJson(received: ReceivedCall, redacted: boolean): object {
  const { number, call, event, verification, attempts, isWaiting, stored } = received;
  const { verified, steps, signingString } = verification;
  const { name, problem, faults } = event;
  const capture = captureJson(call);
  return {
    type: "call",
    number,
    ...capture,
    ...(redacted && { body: undefined }),
    event: name,
    variables: shownVariables(received, redacted),
    problem,
    faults: faults.length === 0 ? undefined : faults,
    verified,
    steps,
    signingString,
    stored,
    waiting: isWaiting || undefined,
    attempts: attempts.map((attempt) => attemptJson(attempt)),
  };
}

/** An attempt as an object of JSON. */
export function attemptJson({ at, signed, answer }: Attempt): object {
  const { status, failure, milliseconds, body } = answer;
  return {
    at: new Date(at).toISOString(),
    signed,
    status,
    failure,
    milliseconds: Math.round(milliseconds * 10) / 10,
    body: Buffer.from(body).toString("base64"),
  };
}

/** The variables of a call's event, personal data replaced if asked for. */
export function shownVariables({ event }: ReceivedCall, redacted: boolean): FormTree | undefined {
  if (event.variables === undefined || !redacted) return event.variables;
  return redactVariables(event.variables);
}

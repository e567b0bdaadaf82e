import { encodeForm } from "../../form/encode.ts";
import { CONTENT_TYPES, signWith } from "../../testing/sign-call.ts";
import type { Answer } from "../call/post.ts";
import { isAccepted, problemOf } from "../call/problem.ts";
import { makeSignedCall } from "../call/sign.ts";
import { type ExitCode, exitCodes } from "../frame/exit.ts";
import type { DevelopmentKey } from "../keys/development-key.ts";
import { createProgress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import { type LoadSettings, sendCalls } from "./load.ts";
import { type Summary, startTally, summaryLines } from "./summary.ts";
import { type Assignment, assign, type OutgoingEvent } from "./variables.ts";

/** Of more calls than this, only what they come to is printed. */
const MAX_LISTED_CALLS = 50;

/** What is sent, how often, and how fast. */
export interface SendingSettings extends Omit<LoadSettings, "stop"> {
  /** The URL that is signed. */
  readonly url: URL;
  /** The number of the account. */
  readonly account: number;
  /** What calls are signed with. */
  readonly key: DevelopmentKey;
  /** Variables to set. */
  readonly set: readonly Assignment[];
  /** How events are encoded. */
  readonly encoding: "form" | "json";
}

/** What sending came to. */
export interface SendingOutcome {
  /** What the process must end with. */
  readonly exitCode: ExitCode;
  /** Whether it seems that the app does not know the development key. */
  readonly isKeyUnknown: boolean;
}

/** Sends each event as often as asked for, and prints the answers, or, of many, what they come to. */
export async function sendEvents(
  events: readonly OutgoingEvent[],
  settings: SendingSettings,
  json: boolean,
  terminal: Terminal,
): Promise<SendingOutcome> {
  const { url, account, key, set, encoding } = settings;
  const count = settings.count * events.length;
  const tally = startTally();
  const showProgress = createProgress(terminal, count);
  const sign = signWith(key.privateKey);
  const eventOf = (number: number): OutgoingEvent | undefined => events[(number - 1) % events.length];

  await sendCalls(
    { ...settings, count, stop: terminal.stop },
    (number) => {
      const body = bodyOf(eventOf(number), encoding, set, number);
      const [date, nonce] = [new Date(), crypto.randomUUID()];
      return makeSignedCall({
        url,
        account,
        body,
        contentType: CONTENT_TYPES[encoding],
        date,
        nonce,
        keyId: key.keyId,
        sign,
      });
    },
    (number, answer) => {
      if (terminal.stop.aborted) return;
      tally.add(answer);
      const event = eventOf(number)?.name ?? "";
      if (json) terminal.printJson({ type: "answer", number, event, ...describeAnswer(answer) });
      else if (count <= MAX_LISTED_CALLS) terminal.print(answerLines(number, event, answer, terminal).join("\n"));
      const { sent, remark } = tally.progress();
      showProgress(sent, remark);
    },
  );

  const summary = tally.summary();
  if (json) terminal.printJson({ type: "summary", ...summary });
  else if (count > 1) terminal.print(summaryLines(summary, terminal.style).join("\n"));
  return { exitCode: exitCodeOf(summary), isKeyUnknown: Object.keys(summary.problems).some(isAboutKey) };
}

/** The body of an event, with what was set. */
export function bodyOf(
  event: OutgoingEvent | undefined,
  encoding: "form" | "json",
  set: readonly Assignment[],
  number: number,
): Uint8Array<ArrayBuffer> {
  const variables = assign(event?.variables ?? {}, set, number);
  return new TextEncoder().encode(encoding === "json" ? JSON.stringify(variables) : encodeForm(variables));
}

/** Whether a problem is what this SDK answers if it can't look a key up, or knows another one. */
export function isAboutKey(problem: string): boolean {
  return /\b(?:key_\w+|signature_mismatch)\b/.test(problem);
}

function exitCodeOf({ sent, accepted, unanswered }: Summary): ExitCode {
  if (unanswered > 0) return exitCodes.unavailable;
  return accepted === sent ? exitCodes.done : exitCodes.failed;
}

function describeAnswer(answer: Answer) {
  const { status, milliseconds } = answer;
  const problem = isAccepted(answer) ? undefined : problemOf(answer);
  return { status, milliseconds: Math.round(milliseconds * 10) / 10, problem };
}

function answerLines(number: number, event: string, answer: Answer, { style }: Terminal): readonly string[] {
  const { status, milliseconds, problem } = describeAnswer(answer);
  const mark = isAccepted(answer) ? style.green : style.red;
  const line = `${String(number).padStart(3)}  ${event.padEnd(18)}  ${mark(String(status ?? "---"))}  ${milliseconds} ms`;
  return problem ? [line, `     ${visible(problem)}`] : [line];
}

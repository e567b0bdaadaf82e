import { encodeForm } from "../../form/encode.ts";
import { httpUrl, oneOf, optional, text, withDefault } from "../../options/readers.ts";
import { CONTENT_TYPES, signWith } from "../../testing/sign-call.ts";
import type { Answer } from "../call/post.ts";
import { isAccepted, problemOf } from "../call/problem.ts";
import { makeSignedCall } from "../call/sign.ts";
import { accountOption, sendingAccount } from "../frame/account.ts";
import { type Command, defineCommand, jsonOption, type OptionValues } from "../frame/command.ts";
import { type ExitCode, exitCodes, usageError } from "../frame/exit.ts";
import { option, repeatedOption } from "../frame/option.ts";
import { ratePerSecond, wholeNumberText } from "../frame/readers.ts";
import { type AvailableKey, makeKeyAvailable } from "../keys/availability.ts";
import { dnsPortOption, keyFileOption } from "../keys/commands.ts";
import { type DevelopmentKey, defaultKeyFile, ensureDevelopmentKey } from "../keys/development-key.ts";
import { createProgress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import { hostileNames, runHostileCases } from "./hostile/run.ts";
import { sendCalls } from "./load.ts";
import { type Summary, startTally, summaryLines } from "./summary.ts";
import { assign, assignment, chooseEvents, eventNames, type OutgoingEvent } from "./variables.ts";

/** Of more calls than this, only those are listed that were not accepted. */
const MAX_LISTED_CALLS = 50;

const options = {
  to: option("URL", "The URL to call.", httpUrl),
  "public-url": option(
    "URL",
    "The URL to sign for, if the app is told another than it is called at (verify.publicUrl).",
    optional(httpUrl),
  ),
  account: accountOption,
  set: repeatedOption(
    "NAME=VALUE",
    "Sets a variable: fields.email=a@example.com. {n} stands for the call's number.",
    assignment,
  ),
  file: option("FILE", "The event's variables, as JSON; - for standard input.", optional(text), { completes: "files" }),
  count: option(
    "N",
    "How many calls of each event; 1 by default.",
    withDefault(() => 1, wholeNumberText({})),
  ),
  rate: option(
    "N/s",
    "How many calls are started a second; as many as the app takes, by default.",
    optional(ratePerSecond),
  ),
  concurrency: option(
    "N",
    "How many calls are under way at once; 10 by default.",
    withDefault(() => 10, wholeNumberText({ most: 1_000 })),
  ),
  encoding: option(
    "form|json",
    "How the event is encoded; form by default, as Copernica does.",
    withDefault<"form" | "json">(() => "form", oneOf("form", "json")),
    {
      completes: ["form", "json"],
    },
  ),
  hostile: option(
    "NAME|all",
    "Sends what must be refused instead, and fails if it was let in.",
    optional(oneOf("all", ...hostileNames)),
    {
      completes: ["all", ...hostileNames],
    },
  ),
  timeout: option(
    "SECONDS",
    "How long an answer may take; 30 by default.",
    withDefault(() => 30, wholeNumberText({ most: 3_600 })),
  ),
  "key-file": keyFileOption,
  "dns-port": dnsPortOption,
  json: jsonOption,
} as const;

export const send: Command = defineCommand({
  name: "send",
  summary: "Send events to your app, signed exactly as Copernica signs them, with your development key.",
  examples: [
    ["send profile.create --to http://localhost:3000/copernica", "Send one event."],
    [
      "send profile.create --to http://localhost:3000/copernica --set fields.email=me@example.com",
      "With data of your own.",
    ],
    [
      "send all --to http://localhost:3000/copernica --count 100 --rate 50/s",
      "Every event a hundred times, 50 a second.",
    ],
    ["send --file event.json --to http://localhost:3000/copernica --encoding json", "An event that you wrote down."],
    [
      "send profile.create --to http://localhost:3000/copernica --hostile all",
      "In CI: what a forger would try must be refused.",
    ],
  ],
  operands: [{ name: "event", optional: true, completes: [...eventNames, "all"] }],
  options,
  notes: [
    "The app must accept your development key: keys serve prints the line of code for that. send serves the key itself while " +
      "it runs, unless keys serve does.",
    `Events: ${eventNames.join(", ")}.`,
    `Hostile calls: ${hostileNames.join(", ")}.`,
    "Ends with 1 if a call was not accepted or, with --hostile, if one was let in; with 3 if the app can't be reached.",
  ],
  async run({ operands, options: given }, terminal) {
    const [name] = operands;
    if (name !== undefined && name !== "all" && !eventNames.some((known) => known === name)) {
      throw usageError(`There is no event ${JSON.stringify(name)}: ${eventNames.join(", ")}, or all.`);
    }
    const hasDefault = given.hostile !== undefined && name === undefined && given.file === undefined;
    const events = await chooseEvents(hasDefault ? "profile.create" : name, given.file);
    const keyFile = given["key-file"] ?? defaultKeyFile(terminal.environment);
    const key = await ensureDevelopmentKey(keyFile);
    const available = await makeKeyAvailable(key, keyFile, given["dns-port"], terminal);
    try {
      const sender: Sender = { key, account: sendingAccount(given.account, terminal), given };
      if (given.hostile !== undefined) return await sendHostile(events, sender, available, terminal);
      return await sendEvents(events, sender, available, terminal);
    } finally {
      await available.close();
    }
  },
});

/** Who sends, and what the command line says of how. */
interface Sender {
  readonly key: DevelopmentKey;
  readonly account: number;
  readonly given: OptionValues<typeof options>;
}

/** The body of an event, with what was set. */
function bodyOf(
  { variables }: OutgoingEvent,
  { set, encoding }: Sender["given"],
  number: number,
): Uint8Array<ArrayBuffer> {
  const assigned = assign(variables, set, number);
  return new TextEncoder().encode(encoding === "json" ? JSON.stringify(assigned) : encodeForm(assigned));
}

/** Sends hostile variants of the first event. */
async function sendHostile(
  [event]: readonly OutgoingEvent[],
  { key, account, given }: Sender,
  available: AvailableKey,
  terminal: Terminal,
): Promise<ExitCode> {
  const { to, hostile = "all", json, timeout } = given;
  if (event === undefined) return exitCodes.done;
  if (json) terminal.printJson({ type: "ready", to: to.href, account, keyId: key.keyId });
  const url = given["public-url"] ?? to;
  const attack = { to, url, account, key, body: bodyOf(event, { ...given, encoding: "form" }, 1) };
  const settings = { ...attack, timeoutMs: timeout * 1_000, stop: terminal.stop };
  const exitCode = await runHostileCases(hostile, settings, json, terminal);
  if (exitCode === exitCodes.failed) tellHowToAccept(available, terminal);
  return exitCode;
}

async function sendEvents(
  events: readonly OutgoingEvent[],
  { key, account, given }: Sender,
  available: AvailableKey,
  terminal: Terminal,
): Promise<ExitCode> {
  const { to, count, rate, concurrency, encoding, timeout, json } = given;
  const total = count * events.length;
  const tally = startTally();
  const showProgress = createProgress(terminal, total);
  const sign = signWith(key.privateKey);
  const url = given["public-url"] ?? to;
  const eventOf = (number: number): OutgoingEvent => events[(number - 1) % events.length] as OutgoingEvent; // never past its end
  if (json) terminal.printJson({ type: "ready", to: to.href, account, keyId: key.keyId });

  await sendCalls(
    { to, count: total, ratePerSecond: rate, concurrency, timeoutMs: timeout * 1_000, stop: terminal.stop },
    async (number) => {
      const body = bodyOf(eventOf(number), given, number);
      const parts = {
        url,
        account,
        body,
        contentType: CONTENT_TYPES[encoding],
        date: new Date(),
        nonce: crypto.randomUUID(),
      };
      return makeSignedCall({ ...parts, keyId: key.keyId, sign });
    },
    (number, answer) => {
      if (terminal.stop.aborted) return;
      tally.add(answer);
      const event = eventOf(number).name;
      if (json) terminal.printJson({ type: "answer", number, event, ...described(answer) });
      else if (total <= MAX_LISTED_CALLS)
        for (const line of answerLines(number, event, answer, terminal)) terminal.print(line);
      const { sent, remark } = tally.progress();
      showProgress(sent, remark);
    },
  );

  const summary = tally.summary();
  if (json) terminal.printJson({ type: "summary", ...summary });
  else if (total > 1) for (const line of summaryLines(summary, terminal.style)) terminal.print(line);
  if (JSON.stringify(summary.problems).includes("key_")) tellHowToAccept(available, terminal);
  return exitCodeOf(summary);
}

function exitCodeOf({ sent, accepted, unanswered }: Summary): ExitCode {
  if (unanswered > 0) return exitCodes.unavailable;
  return accepted === sent ? exitCodes.done : exitCodes.failed;
}

function described(answer: Answer) {
  const { status, milliseconds } = answer;
  const problem = isAccepted(answer) ? undefined : problemOf(answer);
  return { status, milliseconds: Math.round(milliseconds * 10) / 10, problem };
}

function* answerLines(number: number, event: string, answer: Answer, { style }: Terminal): Generator<string> {
  const { status, milliseconds, problem } = described(answer);
  const mark = isAccepted(answer) ? style.green : style.red;
  yield `${String(number).padStart(3)}  ${event.padEnd(18)}  ${mark(String(status ?? "---"))}  ${milliseconds} ms`;
  if (problem) yield `     ${visible(problem)}`;
}

function tellHowToAccept({ acceptingLine }: AvailableKey, terminal: Terminal): void {
  terminal.note("Does the app accept your development key? Give this to its createWebhookHandler while you develop:");
  terminal.note(`  ${acceptingLine}`);
}

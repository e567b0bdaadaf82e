import { httpUrl, oneOf, optional, text, withDefault } from "../../options/readers.ts";
import { accountOption, givenAccount } from "../frame/account.ts";
import { type Command, defineCommand, jsonOption, type OptionValues, redactOption } from "../frame/command.ts";
import { CommandError, type ExitCode, exitCodes } from "../frame/exit.ts";
import { close, listenOnLoopback, waitForAbort } from "../frame/loopback.ts";
import { flag, option, repeatedOption } from "../frame/option.ts";
import { port } from "../frame/readers.ts";
import { openOwnInbox } from "../inbox/open.ts";
import { type Inspector, type InspectorSettings, serveInspector } from "../inspector/server.ts";
import { makeKeyAvailable } from "../keys/availability.ts";
import { dnsPortOption, keyFileOption } from "../keys/commands.ts";
import { defaultKeyFile, ensureDevelopmentKey } from "../keys/development-key.ts";
import { keyWarning } from "../keys/dns-server.ts";
import { createRecordLookup } from "../keys/find-records.ts";
import { eventNames } from "../send/variables.ts";
import { openUrl } from "../terminal/open-url.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { createApp } from "./app.ts";
import { offerControls } from "./controls.ts";
import { type Condition, condition, passes } from "./filter.ts";
import { attemptJson, attemptLine, callLines, receivedJson } from "./present.ts";
import type { ReceivedCall } from "./received.ts";
import { createReceiver } from "./receiver.ts";
import { openSavedCalls, type SavedCalls } from "./save.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

/** The port at which calls are taken if nobody says. */
const DEFAULT_PORT = 4_010;

/** The port of the inspector if nobody says, and it is free. */
const DEFAULT_INSPECTOR_PORT = 4_011;

const options = {
  account: accountOption,
  forward: option(
    "URL",
    "The app to hand each call to, byte for byte; of a URL without a path, calls keep theirs.",
    optional(httpUrl),
  ),
  sign: flag("Forward verified calls signed anew with the development key, so that only that key must be accepted."),
  "public-url": option("URL", "The URL that Copernica calls, if a tunnel changes host or path.", optional(httpUrl)),
  port: option(
    "PORT",
    `The port of 127.0.0.1 to listen at; ${DEFAULT_PORT} by default, 0 for any.`,
    withDefault(() => DEFAULT_PORT, port),
  ),
  inspector: option(
    "PORT",
    `The port of 127.0.0.1 for the inspector, a web page; ${DEFAULT_INSPECTOR_PORT} by default, or any that is free.`,
    optional(port),
  ),
  "no-inspector": flag("Serve no inspector."),
  event: repeatedOption(
    "NAME",
    "Show and forward only this event; others are answered, and no more.",
    oneOf(...eventNames, "unknown"),
    {
      completes: eventNames,
    },
  ),
  where: repeatedOption(
    "CONDITION",
    "Show and forward only what fits: database=12, fields.city!=Delft, fields.email~=example.",
    condition,
  ),
  save: option("FILE", "Add each call to a file, for verify and fixture. It holds personal data.", optional(text), {
    completes: "files",
  }),
  inbox: option(
    "FILE",
    "Store verified calls in this inbox, and hand them to your app from there, in order, until it has taken them.",
    optional(text),
    { completes: "files" },
  ),
  redact: redactOption,
  "key-file": keyFileOption,
  "dns-port": dnsPortOption,
  json: jsonOption,
} as const;

type ListenOptions = OptionValues<typeof options>;

export const listen: Command = defineCommand({
  name: "listen",
  summary: "Receive calls at once, show each in a line with why it fails, and hand it to your app.",
  examples: [
    ["listen --account 1234", "Show what comes in, and whether it is verified."],
    ["listen --forward http://localhost:3000", "Hand each call to your app too, and show its answer."],
    ["listen --forward http://localhost:3000 --where 'fields.email~=@example.com'", "Only events of some profiles."],
    [
      "listen --forward http://localhost:3000 --inbox calls.db",
      "Lose none: what your app can't take now waits in a file.",
    ],
    ["listen --json > calls.ndjson", "Keep every call, with the key of that time, for verify and fixture."],
  ],
  operands: [],
  options,
  notes: [
    "It listens on 127.0.0.1. For Copernica to reach it, let a tunnel with a name of its own lead there (cloudflared, or ngrok with " +
      "a domain), prove to Copernica by a TXT record in DNS that the name is yours, and give the URL as --public-url.",
    "Without --forward, a verified call is answered 200 and any other 401. With it, the app's answer is given. If the app can't be " +
      "reached, a verified call is answered 200 and waits until it can; it is lost if you end listen before that, unless it is in an --inbox.",
    "With --inbox, a verified call is answered 200 once it is on disk. Your app gets one after the other: what fails is tried again " +
      "with growing waits, what it refuses (4xx) is given up, and the inbox commands show both. What an earlier listen left is " +
      "delivered first, signed anew. Take a file of its own, not that of your server.",
    "In a terminal: r sends the last call to the app again, signed anew, so that it is no replay to the app; e explains it; f shows " +
      "only some; o opens the inspector; q quits. Type a call's number first to mean that one: 12r.",
  ],
  async run({ options: given }, terminal) {
    const keyFile = given["key-file"] ?? defaultKeyFile(terminal.environment);
    const key = await ensureDevelopmentKey(keyFile);
    const { forward, sign: signAnew, "public-url": publicUrl, event: names, where: conditions } = given;
    const warn = (message: string): void => terminal.warn(`${terminal.noteStyle.yellow("Warning:")} ${message}`);
    const traffic = createTraffic({
      account: givenAccount(given.account, terminal),
      publicUrl,
      resolveTxt: createRecordLookup(keyFile),
      filter: { names, conditions },
      app: forward && createApp(forward, terminal.stop),
      signAnew,
      key,
      inbox: given.inbox === undefined ? undefined : await openOwnInbox(given.inbox, warn),
      warn,
    });
    const saved = given.save === undefined ? undefined : openSavedCalls(given.save, "a");
    const server = createReceiver(traffic.receive);
    const available = forward && (await makeKeyAvailable(key, keyFile, given["dns-port"], terminal));
    const url = await listenOnLoopback(server, given.port);
    const inspector = await startInspector({ traffic, receiverUrl: url, redacted: given.redact }, given);
    tellReady(url, inspector?.url, given, terminal);
    if (forward !== undefined) terminal.note(`${terminal.noteStyle.yellow("Warning:")} ${keyWarning(key, keyFile)}`);
    try {
      return await showCalls(traffic, saved, inspector?.url, given, terminal);
    } finally {
      await inspector?.close();
      await close(server);
      const { lost, stored } = await traffic.stop();
      await available?.close();
      saved?.close();
      if (lost > 0) warn(`Calls that still waited for the app, and are lost: ${lost}.`);
      if (stored > 0) terminal.note(`Calls that wait in ${given.inbox} for the next listen: ${stored}.`);
    }
  },
});

/** Starts the inspector, at any free port if its own is taken and none was asked for. */
async function startInspector(
  settings: InspectorSettings,
  { inspector: asked, "no-inspector": unwanted }: ListenOptions,
): Promise<Inspector | undefined> {
  if (unwanted) return undefined;
  if (asked !== undefined) return await serveInspector(asked, settings);
  try {
    return await serveInspector(DEFAULT_INSPECTOR_PORT, settings);
  } catch (error) {
    if (error instanceof CommandError) return await serveInspector(0, settings);
    throw error;
  }
}

function tellReady(
  url: string,
  inspector: string | undefined,
  { forward, json }: ListenOptions,
  terminal: Terminal,
): void {
  if (json) terminal.printJson({ type: "ready", url, inspector, forward: forward?.href });
  terminal.note(`Calls are taken at ${url}${forward === undefined ? "" : `, and handed to ${forward.href}`}.`);
  if (inspector !== undefined) terminal.note(`The inspector is at ${inspector}`);
}

/** Shows calls as they come, until it is to stop. */
async function showCalls(
  traffic: Traffic,
  saved: SavedCalls | undefined,
  inspector: string | undefined,
  { json, redact }: ListenOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  let shown: Condition | undefined;
  let exitCode: ExitCode = exitCodes.done;

  traffic.watch((received, what) => {
    if (what === "attempted") return showAttempt(received);
    save(received);
    showCall(received);
  });

  function save({ number, call }: ReceivedCall): void {
    if (saved === undefined || exitCode !== exitCodes.done) return;
    try {
      saved.add({ number }, call);
    } catch (error) {
      exitCode = exitCodes.unavailable;
      terminal.warn(
        `${terminal.noteStyle.red("Error:")} ${error instanceof Error ? error.message : error} Calls are no longer saved.`,
      );
    }
  }

  function showCall(received: ReceivedCall): void {
    if (json) terminal.printJson(receivedJson(received, redact));
    else if (isShown(received)) terminal.print(callLines(received, terminal.style).join("\n"));
  }

  function showAttempt(received: ReceivedCall): void {
    const { number, attempts, isWaiting } = received;
    const [last] = attempts.slice(-1);
    if (json && isWaiting) terminal.printJson({ type: "waiting", number });
    else if (json && last !== undefined) terminal.printJson({ type: "attempt", number, ...attemptJson(last) });
    else if (isShown(received)) terminal.print(attemptLine(received, terminal.style));
  }

  await traffic.begin();

  function isShown({ event }: ReceivedCall): boolean {
    return shown === undefined || passes({ names: [], conditions: [shown] }, event);
  }

  const quit = new AbortController();
  const endControls = json
    ? () => {}
    : offerControls({
        traffic,
        redacted: redact,
        open: inspector === undefined ? undefined : (number) => openInspector(inspector, number, terminal),
        show: (wanted) => {
          shown = wanted;
        },
        quit: () => quit.abort(),
        terminal,
      });
  await Promise.race([waitForAbort(terminal.stop), waitForAbort(quit.signal)]);
  endControls();
  return exitCode;
}

function openInspector(inspector: string, number: number | undefined, terminal: Terminal): void {
  const url = number === undefined ? inspector : `${inspector}#${number}`;
  openUrl(url, () => terminal.note(`Open ${url} in your browser.`));
}

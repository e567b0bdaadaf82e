import { httpUrl, oneOf, optional, text, withDefault } from "../../options/readers.ts";
import { accountOption, sendingAccount } from "../frame/account.ts";
import { type Command, defineCommand, jsonOption } from "../frame/command.ts";
import { usageError } from "../frame/exit.ts";
import { option, repeatedOption } from "../frame/option.ts";
import { ratePerSecond, wholeNumberText } from "../frame/readers.ts";
import { makeKeyAvailable } from "../keys/availability.ts";
import { dnsPortOption, keyFileOption } from "../keys/commands.ts";
import { defaultKeyFile, ensureDevelopmentKey } from "../keys/development-key.ts";
import { hostileNames, runHostileCases } from "./hostile/run.ts";
import { bodyOf, sendEvents } from "./send-events.ts";
import { assignment, chooseEvents, eventNames } from "./variables.ts";

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
    const { to, hostile, set, count, rate, concurrency, encoding, timeout, json } = given;
    const account = sendingAccount(given.account, terminal);
    const sending = { to, url: given["public-url"] ?? to, account, key, timeoutMs: timeout * 1_000 };
    if (json) terminal.printJson({ type: "ready", to: to.href, account, keyId: key.keyId });
    try {
      const { exitCode, isKeyUnknown } =
        hostile === undefined
          ? await sendEvents(
              events,
              { ...sending, set, count, ratePerSecond: rate, concurrency, encoding },
              json,
              terminal,
            )
          : await runHostileCases(hostile, { ...sending, body: bodyOf(events[0], "form", set, 1) }, json, terminal);
      if (isKeyUnknown) {
        terminal.note(
          "Does the app accept your development key? Give this to its createWebhookHandler while you develop:",
        );
        terminal.note(`  ${available.acceptingLine}`);
      }
      return exitCode;
    } finally {
      await available.close();
    }
  },
});

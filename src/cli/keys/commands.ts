import { optional, text, withDefault } from "../../options/readers.ts";
import { type Command, defineCommand, jsonOption } from "../frame/command.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";
import { waitForAbort } from "../frame/loopback.ts";
import { type CommandOption, option } from "../frame/option.ts";
import { port } from "../frame/readers.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import {
  createDevelopmentKey,
  type DevelopmentKey,
  defaultKeyFile,
  ensureDevelopmentKey,
  readDevelopmentKey,
} from "./development-key.ts";
import { acceptingLine, DEFAULT_DNS_PORT, keyWarning, serveKeys } from "./dns-server.ts";

/** The option that says where the development key is kept. */
export const keyFileOption: CommandOption<string | undefined> = option(
  "FILE",
  "The file of the development key; by default the one that COPERNICA_WEBHOOKS_KEY_FILE names, else one among your settings.",
  optional(text),
  { completes: "files" },
);

/** The option that says where the development key is served. */
export const dnsPortOption: CommandOption<number> = option(
  "PORT",
  `The port of 127.0.0.1 at which the development key is served; ${DEFAULT_DNS_PORT} by default.`,
  withDefault(() => DEFAULT_DNS_PORT, port),
);

export const keysServe: Command = defineCommand({
  name: "keys serve",
  summary: "Serve your development key, so that an app on this machine accepts what you send.",
  examples: [
    ["keys serve", "Serve it, and print the line of code by which an app accepts it."],
    ["keys serve --port 9053 --json", "At another port, each query as a line of JSON."],
  ],
  operands: [],
  options: { port: dnsPortOption, "key-file": keyFileOption, json: jsonOption },
  notes: [
    "The key is made when it is first needed, and kept in a file that only you can read. It is served as DNS over HTTPS, on " +
      "127.0.0.1 alone. Names of Copernica's own keys are looked up in DNS, so that Copernica's calls are accepted as well. " +
      "send and listen serve the key too while they run, if nothing else does.",
  ],
  async run({ options }, terminal) {
    const file = options["key-file"] ?? defaultKeyFile(terminal.environment);
    const key = await ensureDevelopmentKey(file);
    const server = await serveKeys(file, options.port, (query) => {
      if (options.json) terminal.printJson({ type: "query", ...query });
      else terminal.note(`${visible(query.name)} ${query.found ? "found" : "not found"}`);
    });
    terminal.warn(`${terminal.noteStyle.yellow("Warning:")} ${keyWarning(key, file)}`);
    terminal.note(`${key.keyId} is served at ${server.url}. Give this to createWebhookHandler while you develop:`);
    if (options.json) terminal.printJson({ type: "ready", url: server.url, ...describeKey(key, file) });
    else terminal.print(acceptingLine(server.url));
    await waitForAbort(terminal.stop);
    await server.close();
    return exitCodes.done;
  },
});

export const keysShow: Command = defineCommand({
  name: "keys show",
  summary: "Show your development key: its name, its file and its record in DNS. Never its private half.",
  examples: [["keys show", "Show it."]],
  operands: [],
  options: { "key-file": keyFileOption, json: jsonOption },
  notes: [],
  async run({ options }, terminal) {
    const file = options["key-file"] ?? defaultKeyFile(terminal.environment);
    const key = await readDevelopmentKey(file);
    if (key === undefined) {
      throw new CommandError(exitCodes.failed, `There is no development key in ${file} yet: keys serve makes one.`);
    }
    showKey(key, file, options.json, terminal);
    return exitCodes.done;
  },
});

export const keysRotate: Command = defineCommand({
  name: "keys rotate",
  summary: "Make a new development key in the place of the old one, as Copernica does every month.",
  examples: [["keys rotate", "See whether your app copes: it must look the new key up when the old one fails."]],
  operands: [],
  options: { "key-file": keyFileOption, json: jsonOption },
  notes: ["The name stays the same. What serves the key serves the new one at once."],
  async run({ options }, terminal) {
    const file = options["key-file"] ?? defaultKeyFile(terminal.environment);
    showKey(await createDevelopmentKey(file), file, options.json, terminal);
    return exitCodes.done;
  },
});

function showKey(key: DevelopmentKey, file: string, json: boolean, terminal: Terminal): void {
  const { keyId, createdAt, record } = describeKey(key, file);
  if (json) {
    terminal.printJson({ type: "key", ...describeKey(key, file) });
    return;
  }
  terminal.print(`name    ${keyId}`);
  terminal.print(`file    ${file}`);
  terminal.print(`made    ${createdAt}`);
  terminal.print(`record  ${record}`);
}

function describeKey({ keyId, createdAt, records }: DevelopmentKey, file: string) {
  return {
    keyId,
    file,
    createdAt: createdAt.toISOString(),
    record: records.map((strings) => strings.join("")).join("\n"),
  };
}

import { httpUrl, optional, text } from "../../options/readers.ts";
import type { ResolveTxt } from "../../signature/dns.ts";
import type { CapturedCall } from "../call/capture.ts";
import { accountOption, givenAccount } from "../frame/account.ts";
import { type Command, defineCommand, jsonOption, type OptionValues } from "../frame/command.ts";
import { exitCodes, usageError } from "../frame/exit.ts";
import { readInput } from "../frame/files.ts";
import { flag, option } from "../frame/option.ts";
import { moment } from "../frame/readers.ts";
import { keyFileOption } from "../keys/commands.ts";
import { defaultKeyFile } from "../keys/development-key.ts";
import { createRecordLookup } from "../keys/find-records.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { stepLines } from "./describe.ts";
import { findNearMisses } from "./near-misses.ts";
import { type CaptureFormat, readCaptures } from "./read-captures.ts";
import { verifyAllSteps } from "./steps.ts";

const options = {
  har: flag("The file is a HAR file, as browsers and proxies save it."),
  curl: flag("The file is a curl command."),
  at: option(
    "TIME",
    "The receiver's clock; by default when the call came, or, if the file does not say, now.",
    optional(moment),
  ),
  account: accountOption,
  "public-url": option("URL", "The URL that Copernica calls, as verify.publicUrl.", optional(httpUrl)),
  "key-record": option("FILE", "The key's TXT record, if DNS no longer has it.", optional(text), {
    completes: "files",
  }),
  "key-file": keyFileOption,
  json: jsonOption,
} as const;

export const verify: Command = defineCommand({
  name: "verify",
  summary: "Say of a captured call whether it is Copernica's, step by step, and what would make it verify.",
  examples: [
    ["verify call.http", "A request as it went over the wire: request line, headers, an empty line, the body."],
    [
      "verify call.http --account 1234 --at '2026-11-24T10:00:00Z'",
      "As a receiver for account 1234 saw it at that time.",
    ],
    ["verify calls.har --har", "Every signed call of a HAR file."],
    ["verify calls.ndjson", "What listen --save saved, with the key of that time."],
  ],
  operands: [{ name: "file", optional: false, completes: "files" }],
  options,
  notes: [
    "Formats: what listen --json prints, HAR, curl, or an HTTP message; told apart by how the file begins.",
    "Of a call that does not verify, it tries what often goes wrong on the way: another host or path behind a proxy, a slash at the " +
      "end, a body that was parsed and written again. It names the one change that makes the call verify, and what to do about it.",
    "Ends with 1 if a call does not verify.",
  ],
  async run({ operands: [file = "-"], options: given }, terminal) {
    if (given.har && given.curl) throw usageError("Give --har or --curl, not both.");
    const format: CaptureFormat | undefined = given.har ? "har" : given.curl ? "curl" : undefined;
    const calls = readCaptures(await readInput(file), format);
    const resolveTxt = await chooseRecords(given, terminal);
    let allVerified = true;
    for (const [index, call] of calls.entries()) {
      if (!given.json && calls.length > 1)
        terminal.print(`${index === 0 ? "" : "\n"}Call ${index + 1} of ${calls.length}`);
      const verified = await verifyOne(call, given, resolveTxt, terminal);
      allVerified &&= verified;
    }
    return allVerified ? exitCodes.done : exitCodes.failed;
  },
});

/** The look-up of keys that the command line asks for. */
async function chooseRecords(given: OptionValues<typeof options>, terminal: Terminal): Promise<ResolveTxt> {
  const recordFile = given["key-record"];
  if (recordFile === undefined) return createRecordLookup(given["key-file"] ?? defaultKeyFile(terminal.environment));
  const record = new TextDecoder().decode(await readInput(recordFile)).trim();
  const strings = record.startsWith('"') ? [...record.matchAll(/"([^"]*)"/g)].map(([, part]) => part ?? "") : [record];
  return async () => [strings];
}

async function verifyOne(
  call: CapturedCall,
  given: OptionValues<typeof options>,
  resolveTxt: ResolveTxt,
  terminal: Terminal,
): Promise<boolean> {
  const { keyRecords, receivedAt } = call;
  const verification = await verifyAllSteps(call, {
    account: givenAccount(given.account, terminal),
    publicUrl: given["public-url"],
    now: given.at ?? receivedAt ?? Date.now(),
    resolveTxt: keyRecords === undefined ? resolveTxt : async () => keyRecords,
  });
  const { verified, steps, signingString } = verification;
  const nearMisses = verified ? [] : await findNearMisses(call, verification);
  if (given.json) {
    terminal.printJson({ type: "verification", verified, steps, signingString, nearMisses });
    return verified;
  }
  for (const line of stepLines(verification, nearMisses, terminal.style)) terminal.print(line);
  return verified;
}

import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createTestCopernica, samples } from "copernica-webhooks/testing";
import { expect, test } from "vitest";
import { freePort } from "../fixtures/free-port.ts";
import { runtimes } from "../inbox/children.ts";
import { appForTests } from "./app.ts";
import { folder, jsonLines, run, runOn, startListening } from "./program.ts";

const { app, dnsPort } = await appForTests();

/** What differs from run to run, replaced: ports, folders, times, keys. */
function steady(text: string): string {
  return text
    .replaceAll(app.url, "http://localhost:3000/copernica")
    .replaceAll(`127.0.0.1:${dnsPort}`, "127.0.0.1:8053")
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:4010")
    .replaceAll(folder, "~")
    .replaceAll(/token=[\w-]+/g, "token=…")
    .replaceAll(/\d+(?:\.\d+)? ms/g, "5 ms")
    .replaceAll(/\d\d:\d\d:\d\d {2}#/g, "10:15:30  #")
    .replaceAll(
      /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT, \d+ s/g,
      "Tue, 24 Nov 2026 10:15:30 GMT, 1 s",
    )
    .replaceAll(/p=[A-Za-z0-9+/=]+/g, "p=MIIBIjANBgkq…")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-11-24T10:15:30.000Z");
}

/** A command as it is typed, and what it prints. */
function session(line: string, output: string): string {
  return `\`\`\`console\n$ npx copernica-webhooks ${line}\n${output.trimEnd()}\n\`\`\`\n`;
}

function hostileTable(output: string): string {
  const rows = jsonLines(output)
    .filter(({ type }) => type === "hostile")
    .map(({ name, summary, expected }) => `| ${name} | ${summary} | ${expected} |`);
  return ["| name | what is sent | a right receiver answers |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

async function listenAndSend(): Promise<string> {
  const listening = runOn(["listen", "--port", "0", "--no-inspector", "--dns-port", dnsPort, "--account", "1234"]);
  const [url] = /http:\S+:\d+/.exec(await listening.stderr.line(/Calls are taken/)) ?? [];
  const to = ["--to", `${url}/copernica`, "--dns-port", dnsPort];
  await run(["send", "profile.create", ...to]);
  await run(["send", "profile.create", "--set", "profile=x", ...to]);
  await run(["send", "click", "--account", "99", ...to]);
  await listening.stdout.line(/account: /);
  await listening.end();
  return [...listening.stderr.lines, ...listening.stdout.lines].join("\n");
}

/** What an inbox tells of calls that an app refused, each command with its output. */
async function lookIntoInbox(): Promise<readonly string[]> {
  const [runtime] = runtimes();
  const on = { runtime: runtime?.command ?? [] };
  const strict = createServer((_, response) => response.writeHead(410).end("This mailing is over."));
  const port = await freePort();
  strict.listen(port, "127.0.0.1");
  const forward = ["--forward", `http://127.0.0.1:${port}`, "--dns-port", dnsPort, "--no-inspector"];
  const listening = await startListening(["--inbox", "calls.db", ...forward], on);
  for (const event of ["click", "profile.create"]) {
    await run(["send", event, "--to", listening.url, "--dns-port", dnsPort]);
  }
  await listening.stdout.line(/#2.*app 410/);
  await listening.end();
  strict.close();
  const { stdout } = await run(["inbox", "list", "--state", "discarded", "--json", "--inbox", "calls.db"], on);
  const id = String(jsonLines(stdout)[0]?.deliveryId);
  const inbox = async (line: string): Promise<string> => {
    const { stdout } = await run([...line.split(" "), "--inbox", "calls.db"], on);
    const shown = stdout
      .replaceAll(/(?<=\s)[\w-]{32}$/gm, SAMPLE_ID)
      .replace(/(?<=bytes +)\d+/, "32768")
      .replace(/(?<=date {2}).*GMT/, "Tue, 24 Nov 2026 10:15:30 GMT")
      .replace(/(?<=digest {2}).*/, "SHA-256=…")
      .replace(/(?<=x-nonce {2}).*/, "6a204bd8-9f1e-4f0c-a5d7-30c2b1e4f786");
    return session(`${line.replace(id, SAMPLE_ID)} --inbox calls.db`, steady(shown));
  };
  return [await inbox("inbox stats"), await inbox("inbox list"), await inbox(`inbox show ${id}`)];
}

/** The id of a delivery, as help has it. */
const SAMPLE_ID = "q8Zr1fUO2mGk0T7nJxW3bA5cD6eF9hIj";

async function verifyProxied(): Promise<string> {
  const copernica = await createTestCopernica({ url: "https://hooks.example.com/copernica" });
  const request = await copernica.request(samples.click);
  const headers = {
    ...Object.fromEntries(request.headers),
    host: "10.0.0.7:3000",
    "x-forwarded-host": "hooks.example.com",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  writeFileSync(
    join(folder, "call.http"),
    [`POST /copernica HTTP/1.1`, ...lines, "", await request.text()].join("\r\n"),
  );
  writeFileSync(join(folder, "record.txt"), copernica.records.flat().join(""));
  return (await run(["verify", "call.http", "--key-record", "record.txt"])).stdout;
}

test("the page of commands is what they print: npm run docs writes it anew", async () => {
  const send = (...words: readonly string[]) => run(["send", ...words, "--to", app.url, "--dns-port", dnsPort]);
  const help = (await run(["--help"])).stdout;
  const names = [...help.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}[A-Z]/gm)].map(([, name = ""]) => name);
  const page = [
    "# The command line\n",
    "Written by running the commands: `npm run docs` does it anew.\n",
    session("--help", help),
    "## What it looks like\n",
    "Send an event to your app, signed with your development key:\n",
    session("send profile.create --to http://localhost:3000/copernica", steady((await send("profile.create")).stdout)),
    "What your app must refuse, in CI:\n",
    session(
      "send --hostile flipped-body --to http://localhost:3000/copernica",
      (await send("--hostile", "flipped-body")).stdout,
    ),
    "`--hostile all` sends each of these:\n",
    hostileTable((await send("--hostile", "all", "--timeout", "2", "--json")).stdout),
    "See what comes in:\n",
    session("listen --account 1234", steady(await listenAndSend())),
    "Know why a call does not verify:\n",
    session("verify call.http --key-record record.txt", steady(await verifyProxied())),
    "Look into an inbox, that of `listen --inbox` or that of your server:\n",
    ...(await lookIntoInbox()),
    "## Each command\n",
  ];
  for (const name of names) {
    page.push(`### ${name}\n`, session(`${name} --help`, (await run([...name.split(" "), "--help"])).stdout));
  }
  await expect(page.join("\n")).toMatchFileSnapshot("../../.github/COMMANDS.md");
});

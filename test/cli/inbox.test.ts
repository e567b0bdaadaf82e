import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hasSqlite } from "../fixtures/files.ts";
import { freePort } from "../fixtures/free-port.ts";
import { callsThat, pause, type Runtime, readNotes, runtimes, startChild } from "../inbox/children.ts";
import { acceptedOf, startSending } from "../inbox/send.ts";
import type { Filling } from "./fill-inbox.ts";
import { folder, hasTerminal, jsonLines, type Run, run, runOn, runOnTerminal, startListening } from "./program.ts";

const all = runtimes();
const [first] = all as [Runtime, ...Runtime[]]; // Bun is always there
const runtime = first.command;
const path = (name: string): string => join(folder, name);

/** Runs a command of the inbox in a file. */
function inbox(file: string, ...words: readonly string[]): Promise<Run> {
  const [command = "", ...more] = words;
  return run(["inbox", command, "--inbox", path(file), ...more], { runtime });
}

/** Makes an inbox of deliveries named `d-<number>`. */
function fill(file: string, filling: Omit<Filling, "path">): void {
  const script = join(import.meta.dirname, "fill-inbox.ts");
  const [command = "", ...words] = [...runtime, script, JSON.stringify({ path: path(file), ...filling })];
  execFileSync(command, words);
}

/** Makes an inbox of deliveries that all failed at both their attempts. */
function fillWithDiscarded(file: string, total: number): void {
  fill(file, { total, profiles: 3, attempts: 2 });
}

/** Does something with a file as SQLite has it. */
function inSqlite(file: string, sql: string): void {
  const source = `import sqlite from "node:sqlite"; const database = new sqlite.DatabaseSync(${JSON.stringify(path(file))}); database.exec(${JSON.stringify(sql)}); database.close();`;
  writeFileSync(path("sql.mjs"), source);
  const [command = "", ...words] = [...runtime, path("sql.mjs")];
  execFileSync(command, words);
}

async function summaries(file: string, ...words: readonly string[]) {
  return jsonLines((await inbox(file, "list", "--all", "--json", ...words)).stdout);
}

describe.each(all)("the inbox on $name", ({ command }) => {
  const on = { runtime: command };

  test("is looked at, replayed, given up and exported", async () => {
    const file = path(`story-${command.length}-${command[0]?.length}.db`);
    const inbox = (...words: readonly string[]) =>
      run(["inbox", ...words], { ...on, environment: { COPERNICA_INBOX: file } });
    const dnsPort = String(await freePort());
    const listening = await startListening(["--inbox", file, "--dns-port", dnsPort, "--no-inspector"], on);
    await run(["send", "all", "--to", listening.url, "--dns-port", dnsPort]);
    await listening.end();

    const stats = await inbox("stats");
    expect(stats.stderr).toBe("");
    expect(stats.stdout).toMatch(/^available {2}13 {2}the first since \d{4}-.*Z$/m);
    const [listed] = jsonLines((await inbox("list", "--event", "profile.create", "--json")).stdout);
    expect(listed).toMatchObject({ type: "delivery", state: "available", event: { profile: 4211, database: 12 } });
    const id = String(listed?.deliveryId);

    expect((await inbox("discard", id)).stdout).toBe("1 discarded.\n");
    expect((await inbox("list", "--state", "discarded")).stdout).toMatch(
      new RegExp(`discarded +profile\\.create.*${id}\n$`),
    );
    expect((await inbox("replay", id)).stdout).toBe("1 replayed.\n");
    const again = await inbox("replay", id);
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining("It is available: only what is")]);

    const { stdout: shown } = await inbox("show", id);
    expect(shown).toMatch(/^profile\.create\n {2}delivery/);
    for (const text of [id, "available, attempt 0", "profile 4211", "x-copernica-id", "Sanne"])
      expect(shown).toContain(text);

    expect((await inbox("export", "--out", "calls.ndjson")).stderr).toContain("has 13 calls");
    expect(statSync(path("calls.ndjson")).mode & 0o777).toBe(0o600);
    const made = await run(["fixture", "--from", path("calls.ndjson"), "--format", "json"], on);
    const last = await run(["fixture", "--inbox", file, "--format", "json"], on);
    expect(JSON.parse(made.stdout)).toEqual(JSON.parse(last.stdout));
    const verified = await run(["verify", path("calls.ndjson")], on);
    expect(verified.stdout).toMatch(/failed +signature header .*missing/);
    expect(verified.stdout).toMatch(/passed +digest/);
  });
});

describe("what is no inbox is refused, and left as it was:", () => {
  test.each<readonly [what: string, make: (file: string) => void, reason: string]>([
    ["nothing", () => {}, "the file does not exist"],
    ["an empty file", (file) => writeFileSync(path(file), ""), "is no inbox: it is empty"],
    ["a text", (file) => writeFileSync(path(file), "No database. ".repeat(200)), "it is no database"],
    ["a folder", (file) => execFileSync("mkdir", [path(file)]), "it is a folder"],
    [
      "a database of something else",
      (file) => inSqlite(file, "CREATE TABLE song (title TEXT)"),
      "is a database of something else",
    ],
  ])("%s", async (what, make, reason) => {
    const file = `${what.replaceAll(" ", "-")}.db`;
    make(file);
    const read = () =>
      existsSync(path(file)) && statSync(path(file)).isFile() ? readFileSync(path(file)).toString("hex") : "";
    const before = read();
    for (const words of [["stats"], ["list"], ["show", "x"], ["replay", "x"], ["discard", "x"], ["export"]]) {
      const { exitCode, stdout, stderr } = await inbox(file, ...words);
      expect([exitCode, stdout, stderr]).toEqual([3, "", expect.stringContaining(reason)]);
    }
    expect(read()).toBe(before);
    expect(existsSync(path(file))).toBe(what !== "nothing");
  });

  test("an inbox of a newer version", async () => {
    fill("newer.db", { total: 1, profiles: 1 });
    inSqlite("newer.db", "PRAGMA user_version = 99");
    const { exitCode, stderr } = await inbox("newer.db", "replay", "d-1");
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/written by a newer copernica-webhooks.*Update the package/),
    ]);
  });

  test.skipIf(hasSqlite)("any, on a runtime without SQLite, which can do all else", async () => {
    const { exitCode, stderr } = await run(["inbox", "stats", "--inbox", "any.db"]);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("use Node 22.13, Deno 2.2, Bun 1.4 or newer")]);
    const listening = await run(["listen", "--inbox", "any.db"]);
    expect([listening.exitCode, listening.stderr]).toEqual([3, expect.stringContaining("use Node 22.13")]);
    expect((await run(["inbox", "--help"])).exitCode).toBe(2);
  });
});

describe("deliveries that failed", () => {
  beforeAll(() => fillWithDiscarded("failed.db", 30));

  test("are shown with the error of each attempt, and without what it says if redacted", async () => {
    const { stdout } = await inbox("failed.db", "show", "d-7");
    expect(stdout).toMatch(/discarded, attempt 2/);
    expect(stdout.match(/^ {2}[12] {2}\S+Z {2}Error: No luck with d-7\.$/gm)).toHaveLength(2);
    const redacted = await inbox("failed.db", "show", "d-7", "--redact", "--json");
    expect(redacted.stdout).not.toContain("No luck");
    const [record] = jsonLines(redacted.stdout);
    expect(record?.body).toBeUndefined();
    expect(record?.errors).toMatchObject([
      { attempt: 1, message: expect.stringMatching(/^Error: redacted/) },
      { attempt: 2 },
    ]);
  });

  test("are found by state, event, profile, database and time", async () => {
    const count = async (...words: readonly string[]) =>
      (await summaries("failed.db", ...words)).filter(({ type }) => type).length;
    const whole = (await summaries("failed.db")).length;
    expect(whole).toBe(30);
    const byProfile = await Promise.all(
      ["1", "2", "3"].map((profile) => count("--profile", profile, "--database", "1")),
    );
    expect(byProfile.reduce((sum, found) => sum + found)).toBe(30);
    for (const words of [
      ["--since", "1h"],
      ["--until", "2100-01-01"],
      ["--state", "discarded", "--event", "profile.update"],
    ]) {
      expect(await count(...words)).toBe(30);
    }
    for (const words of [
      ["--since", "2100-01-01"],
      ["--until", "1h"],
      ["--state", "completed"],
      ["--event", "click"],
    ]) {
      expect((await inbox("failed.db", "list", "--json", ...words)).stdout).toBe("");
    }
  });

  test("are replayed by a filter once that is confirmed: nobody is asked who is no terminal", async () => {
    const dry = await inbox("failed.db", "replay", "--profile", "1", "--dry-run", "--json");
    const wanted = jsonLines(dry.stdout).length;
    expect(dry.stderr).toContain(`${wanted} would be replayed.`);
    const unsure = await inbox("failed.db", "replay", "--profile", "1");
    expect([unsure.exitCode, unsure.stderr]).toEqual([2, expect.stringContaining("say --yes")]);
    expect((await summaries("failed.db", "--state", "discarded")).length).toBe(30);
    const { stdout } = await inbox("failed.db", "replay", "--profile", "1", "--yes", "--json");
    expect(jsonLines(stdout)).toEqual([{ type: "replayed", count: wanted }]);
    expect((await summaries("failed.db", "--state", "available")).length).toBe(wanted);
    expect((await inbox("failed.db", "discard", "--state", "available", "-y")).stdout).toBe(`${wanted} discarded.\n`);
  });

  test.skipIf(!hasTerminal)("are replayed on a terminal if y is pressed", async () => {
    const words = ["inbox", "replay", "--inbox", path("failed.db"), "--profile", "2"];
    for (const [key, exitCode, said] of [
      ["n", 1, /Nothing was replayed/],
      ["y", 0, /^\d+ replayed\./],
    ] as const) {
      const { shown, type, ended } = runOnTerminal(words, { runtime });
      await shown.line(/deliveries would be replayed.*Press y/);
      type(key);
      expect(await ended).toBe(exitCode);
      await shown.line(said);
    }
    expect((await inbox("failed.db", "discard", "--profile", "2", "-y")).exitCode).toBe(0);
  });

  test.each<readonly [words: readonly string[], exitCode: number, message: string]>([
    [["replay"], 2, "Give the id of a delivery, or a filter"],
    [["discard", "d-1", "--state", "available"], 2, "Give the id of a delivery, or a filter"],
    [["export", "d-1", "--profile", "1"], 2, "Give an id or a filter, not both"],
    [["replay", "d-99"], 1, 'The inbox has no delivery "d-99"'],
    [["discard", "d-1"], 1, "It is discarded: only what is available, retryable can be discarded."],
    [["show", `-${"A".repeat(31)}`], 1, `The inbox has no delivery "-${"A".repeat(31)}"`],
    [["list", "--state", "lost"], 2, "--state must be"],
    [["list", "--since", "yesterday"], 2, "--since must be a moment"],
    [["list", "--limit", "0"], 2, "--limit must be a whole number"],
  ])("are not confused by %j", async (words, exitCode, message) => {
    const result = await inbox("failed.db", ...words);
    expect([result.exitCode, result.stdout, result.stderr]).toEqual([exitCode, "", expect.stringContaining(message)]);
  });

  test("are nowhere if no inbox is named", async () => {
    const { exitCode, stderr } = await run(["inbox", "list"], { runtime });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Which inbox? Give --inbox FILE")]);
  });
});

describe("10,000 deliveries", () => {
  beforeAll(() => fill("many.db", { total: 10_000, profiles: 100 }));

  test("are listed at once, or a page at a time, each once", async () => {
    const whole = (await summaries("many.db")).map(({ deliveryId }) => deliveryId);
    expect(new Set(whole).size).toBe(10_000);
    const paged: unknown[] = [];
    let words: readonly string[] = [];
    do {
      const lines = jsonLines((await inbox("many.db", "list", "--limit", "2500", "--json", ...words)).stdout);
      paged.push(...lines.filter(({ type }) => type === "delivery").map(({ deliveryId }) => deliveryId));
      const cursor = lines.at(-1)?.cursor;
      words = cursor === undefined ? [] : [`--cursor=${cursor}`];
    } while (words.length > 0);
    expect(paged).toEqual(whole);
    const { stdout, stderr } = await inbox("many.db", "list");
    expect(stdout.trim().split("\n")).toHaveLength(100);
    expect(stderr).toContain("There are more: add --cursor=");
  });

  test("end with 141 and without a word if their reader goes away", async () => {
    for (const words of [["list", "--all"], ["export"]]) {
      const listing = runOn(["inbox", ...words, "--inbox", path("many.db")], { runtime });
      await listing.stdout.line(/./);
      listing.stopReading();
      expect(await listing.ended).toBe(141);
      expect(listing.stderr.lines).toEqual([]);
    }
  });

  test("are exported, the oldest first, into what reads them", async () => {
    const { stdout } = await inbox("many.db", "export", "--redact");
    const ids = jsonLines(stdout).map(({ deliveryId }) => deliveryId);
    expect(ids).toEqual((await summaries("many.db")).map(({ deliveryId }) => deliveryId).reverse());
  });
});

test("beside a server, all of it works, and the server goes on; it takes what is replayed", async () => {
  fillWithDiscarded("shared.db", 5);
  const log = path("shared.log");
  const server = startChild(first, { path: path("shared.db"), log, isServing: true, work: { mostMs: 2, failing: 0 } });
  const { port } = await server.ready;
  const sender = startSending(port, { prefix: "n", profiles: 50, connections: 4, everyMs: 2 });
  const ended = (prefix: string): string[] =>
    [...callsThat("ended", readNotes(log))].filter((call) => call.startsWith(prefix));
  expect((await inbox("shared.db", "replay", "d-1")).stdout).toBe("1 replayed.\n");
  expect((await inbox("shared.db", "replay", "--state", "discarded", "-y")).stdout).toBe("4 replayed.\n");
  for (const words of [["stats"], ["list", "--all"], ["show", "d-2"], ["export"], ["list", "--state", "completed"]]) {
    expect((await inbox("shared.db", ...words)).exitCode).toBe(0);
  }
  while (ended("d-").length < 5) await pause(50);
  const before = ended("n-").length;
  while (ended("n-").length < before + 100) await pause(50); // it goes on
  server.kill("SIGKILL");
  await server.ended;
  await sender.done;
  expect(acceptedOf(sender).refused).toBe(0);
  expect(callsThat("unavailable", readNotes(log)).size).toBe(0);
  const attempts = readNotes(log).filter(({ what, call }) => what === "began" && call.startsWith("n-"));
  expect(new Set(attempts.map(({ call }) => call)).size).toBe(attempts.length); // each once: nobody else worked

  // What the killed server was at is left to the next one.
  const left = await summaries("shared.db", "--state", "running");
  await pause(500);
  expect(await summaries("shared.db", "--state", "running")).toEqual(left);
});

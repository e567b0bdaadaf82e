import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { program, run, runOn } from "./program.ts";

const COMMANDS = [
  "send",
  "listen",
  "verify",
  "fixture",
  "inbox stats",
  "inbox list",
  "inbox show",
  "inbox replay",
  "inbox discard",
  "inbox export",
  "generate",
  "keys serve",
  "keys show",
  "keys rotate",
  "completion",
];

describe("help", () => {
  test("lists every command, on standard output", async () => {
    const { exitCode, stdout, stderr } = await run([]);
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} {2,}\\S`, "m"));
    expect(stderr).toBe("");
    expect((await run(["--help"])).stdout).toBe(stdout);
    expect((await run(["help"])).stdout).toBe(stdout);
  });

  test.each(COMMANDS)("of %s has examples before its options", async (command) => {
    const { exitCode, stdout } = await run([...command.split(" "), "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout.indexOf("Examples")).toBeGreaterThan(0);
    expect(stdout.indexOf("Examples")).toBeLessThan(stdout.indexOf("Options"));
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(140);
    expect((await run(["help", ...command.split(" ")])).stdout).toBe(stdout);
  });

  test("--version prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect((await run(["--version"])).stdout).toBe(`${version}\n`);
  });
});

describe("a mistake in the command line ends with 2, on standard error, and says what was meant:", () => {
  test.each([
    [["sned"], "Did you mean send?"],
    [["key"], "Did you mean keys"],
    [["keys"], "keys needs a second word"],
    [["keys", "serv"], "Did you mean keys serve?"],
    [["send", "click", "--tto", "http://localhost"], "Did you mean --to?"],
    [["send", "click", "--to"], "--to needs a value"],
    [["send", "click", "--to", "--json"], "--to needs a value"],
    [["send", "click", "--to", "localhost:3000"], "--to must be a whole URL"],
    [["send", "click"], "--to must be a whole URL"],
    [["send", "clik", "--to", "http://localhost"], 'There is no event "clik"'],
    [
      ["send", "click", "--to", "http://localhost", "--encoding", "xml"],
      '--encoding must be "form" or "json"; got "xml"',
    ],
    [["send", "click", "--to", "http://localhost", "--count", "many"], "--count must be a whole number"],
    [["send", "click", "--to", "http://localhost", "--json=yes"], "--json is given or not"],
    [["send", "click", "open", "--to", "http://localhost"], 'send has no use for "open"'],
    [["verify"], "verify needs <file>"],
    [["completion", "tcsh"], "not for tcsh"],
  ])("%j", async (words, message) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect(stderr).toContain(message);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).not.toContain("    at ");
  });
});

describe("colors", () => {
  const colored = "\u001b[";

  test("are not printed to a pipe, unless FORCE_COLOR asks for them", async () => {
    expect((await run(["--help"])).stdout).not.toContain(colored);
    expect((await run(["--help"], { environment: { FORCE_COLOR: "1" } })).stdout).toContain(colored);
  });

  test("are refused by --no-color and NO_COLOR before all else", async () => {
    const environment = { FORCE_COLOR: "1" };
    expect((await run(["--help", "--no-color"], { environment })).stdout).not.toContain(colored);
    expect((await run(["--help"], { environment: { ...environment, NO_COLOR: "1" } })).stdout).not.toContain(colored);
  });
});

describe("output that can't be written", () => {
  test("because its reader went away ends the program with 141, without a word", async () => {
    const listening = runOn(["listen", "--json", "--port", "0"]);
    const { url } = JSON.parse(await listening.stdout.line(/"ready"/));
    listening.stopReading();
    await fetch(url, { method: "POST", body: "a=1" });
    await fetch(url, { method: "POST", body: "a=1" }).catch(() => {}); // it may be gone by now
    expect(await listening.ended).toBe(141);
    expect(listening.stderr.lines.join("\n")).not.toMatch(/EPIPE| {4}at /);
  });

  test("because the disk is full ends it with 3, and says so", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [program, "--help"], { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    expect(status).toBe(3);
    expect(stderr.toString()).toContain("The output can't be written: the disk is full.");
  });
});

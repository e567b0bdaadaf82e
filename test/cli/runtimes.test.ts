import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { command } from "../servers/server.ts";
import { appForTests } from "./app.ts";
import { folder, program } from "./program.ts";

const source = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const execute = promisify(execFile);

const { app, dnsPort } = await appForTests();

describe.each([
  ["Node, as it is built", process.execPath, [program]],
  ["Bun, as it is built", command("bun"), [program]],
  ["Deno, as it is built", command("deno"), ["run", "-A", program]],
  ["Deno, from the source that JSR has", command("deno"), ["run", "-A", source]],
])("the program on %s", (_, runtime, words) => {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CONFIG_HOME: folder };
  const run = (...more: readonly string[]) => execute(runtime, [...words, ...more], { env: environment });

  test("sends what the app accepts, and what it must refuse", async () => {
    const to = ["--to", app.url, "--dns-port", dnsPort, "--timeout", "5"];
    const { stdout } = await run("send", "all", ...to);
    expect(stdout).toContain("13 of 13 accepted");
    const hostile = await run("send", "--hostile", "all", ...to);
    expect(hostile.stdout).toMatch(/None of \d\d hostile calls was let in/);
  });

  test("ends with the code that it should", async () => {
    await expect(run("sned")).rejects.toMatchObject({ code: 2 });
    await expect(run("verify", "nowhere")).rejects.toMatchObject({ code: 3 });
    expect((await run("--help")).stdout).toContain("Commands");
    const stderr = expect.stringMatching(/There is no inbox none\.db|needs node:sqlite/);
    await expect(run("inbox", "stats", "--inbox", "none.db")).rejects.toMatchObject({ code: 3, stderr });
  });
});

import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPackage, type Project } from "../package/installed.ts";
import { command } from "../servers/server.ts";

/** The most that the command line and its inspector may add to what is installed, in bytes. */
const BUDGET_BYTES = 150 * 1_024;

let project: Project;
beforeAll(() => {
  project = installPackage();
});
afterAll(() => project?.remove());

/** What a program prints in the project. */
function execute(program: string, ...words: readonly string[]): string {
  const environment = { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" };
  return execFileSync(program, words, { cwd: project.folder, encoding: "utf8", env: environment, stdio: "pipe" });
}

describe("the package as it is installed", () => {
  test("has the program for npx and for bunx", () => {
    const version = `${JSON.parse(execute("npm", "ls", "--json")).dependencies["copernica-webhooks"].version}\n`;
    expect(execute("npx", "--no-install", "copernica-webhooks", "--version")).toBe(version);
    expect(execute(command("bunx"), "--bun", "copernica-webhooks", "--version")).toBe(version);
  });

  test("has inboxes beside the program, for bunx and npx", () => {
    const words = ["copernica-webhooks", "inbox", "stats", "--inbox", "none.db"];
    expect(() => execute(command("bunx"), "--bun", ...words)).toThrow(/There is no inbox none\.db/);
    expect(() => execute("npx", "--no-install", ...words)).toThrow(/There is no inbox none\.db|needs node:sqlite/);
  });

  test(`grows by at most ${BUDGET_BYTES} bytes by the program`, () => {
    const { size } = statSync(join(project.folder, "node_modules/copernica-webhooks/dist/cli.js"));
    expect(size).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(project.files.filter((file) => file.includes("cli"))).toEqual(["dist/cli.js"]);
  });

  test("installs itty-router and superstruct alone beside it", () => {
    const [installed] = Object.values<{ dependencies: object }>(
      JSON.parse(execute("npm", "ls", "--all", "--json")).dependencies,
    );
    expect(Object.keys(installed?.dependencies ?? {}).sort()).toEqual(["itty-router", "superstruct"]);
  });
});

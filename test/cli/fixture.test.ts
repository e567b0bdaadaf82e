import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestCopernica, samples } from "copernica-webhooks/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { command } from "../servers/server.ts";
import { folder, root, run } from "./program.ts";

const file = join(folder, "calls.ndjson");

beforeAll(async () => {
  const copernica = await createTestCopernica({ account: 77 });
  const lines: string[] = [];
  for (const name of ["click", "profile.create"] as const) {
    const request = await copernica.request(samples[name]);
    const headers = [...request.headers];
    lines.push(JSON.stringify({ method: "POST", target: "/", headers, body: btoa(await request.text()) }));
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
});

describe("fixture", () => {
  test("makes of the last call a test that passes as it stands", async () => {
    const { exitCode, stdout } = await run(["fixture", "--from", file]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("createTestCopernica({ account: 77 })");
    // Within this package, so that its name leads to itself.
    const made = mkdtempSync(join(import.meta.dirname, "made-"));
    try {
      writeFileSync(join(made, "made.test.ts"), stdout);
      const words = ["run", "--config", "test/vitest.config.ts", "--project", "cli", "--reporter", "json", made];
      const ran = JSON.parse(execFileSync(command("vitest"), words, { cwd: root, encoding: "utf8", stdio: "pipe" }));
      const [{ assertionResults }] = ran.testResults;
      expect(assertionResults).toMatchObject([{ title: "profile.create is received", status: "passed" }]);
    } finally {
      rmSync(made, { recursive: true });
    }
  });

  test("makes of a call a sample that send takes, redacted if asked for", async () => {
    const { stdout } = await run(["fixture", "2", "--from", file, "--format", "json", "--redact"]);
    const sample = JSON.parse(stdout);
    expect(sample).toMatchObject({
      type: "create",
      profile: "4211",
      fields: { email: "redacted@example.com", age: "11" },
    });
    expect(stdout).not.toMatch(/sanne|Boer|Haag/i);
    expect(JSON.parse((await run(["fixture", "1", "--from", file, "--format", "json"])).stdout).type).toBe("click");
  });

  test("ends with 2 if there is no such call", async () => {
    const { exitCode, stderr } = await run(["fixture", "3", "--from", file]);
    expect([exitCode, stderr.includes("calls 1 to 2")]).toEqual([2, true]);
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { customersDescription, customersSource } from "../fixtures/customers.ts";
import { folder, run } from "./program.ts";

const out = join(folder, "customers.ts");
const input = JSON.stringify(customersDescription);

describe("generate", () => {
  test("writes the route of a database to a file, or to standard output", async () => {
    expect((await run(["generate", "--from", "-"], { input })).stdout).toBe(customersSource);
    const { exitCode, stdout } = await run(["generate", "--from", "-", "--out", out], { input });
    expect([exitCode, stdout]).toEqual([0, ""]);
    expect(readFileSync(out, "utf8")).toBe(customersSource);
  });

  test("with --check ends with 0 if the source is still true, and with 1 and the lines that differ if not", async () => {
    const check = ["generate", "--from", "-", "--out", out, "--check"];
    expect(await run(check, { input })).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    writeFileSync(out, customersSource.replace("age: integer()", "age: float()"));
    const { exitCode, stdout } = await run(check, { input });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("-     age: float(),\n+     age: integer(),\n");
    expect(readFileSync(out, "utf8")).toContain("age: float()");
  });

  test("ends with 2 if the description can't be used, and with 3 if there is none, or no room", async () => {
    expect(await run(["generate", "--from", "-"], { input: "{" })).toMatchObject({ exitCode: 2 });
    const unusable = await run(["generate", "--from", "-"], { input: '{"ID":0}' });
    expect(unusable.exitCode).toBe(2);
    expect(unusable.stderr).not.toContain("    at ");
    expect((await run(["generate", "--from", "nowhere.json"])).exitCode).toBe(3);
    expect((await run(["generate", "--from", "-", "--out", "/dev/full"], { input })).exitCode).toBe(3);
    expect((await run(["generate", "--from", "-", "--check"], { input })).exitCode).toBe(2);
  });
});

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { command, here, startProcess } from "./server.ts";

const run = promisify(execFile);
const file = (name: string): string => here(`../../examples/${name}`);

describe("the examples compile", () => {
  test.each(["node", "bun", "worker"])("with the types of %s", async (runtime) => {
    await run(command("tsc"), ["-p", here(`tsconfig.${runtime}.json`)]);
  });

  test("with Deno's", async () => {
    await run(command("deno"), ["check", "--import-map", here("import-map.json"), file("deno.ts")]);
  });
});

test("each example starts with what it is and how it is run", () => {
  for (const name of readdirSync(file("."))) {
    expect(readFileSync(file(name), "utf8"), name).toMatch(/^\/\*\* .*(?:`[^`]+`|wrangler\.json\.) \*\/\n/);
  }
});

test("the demo prints both webhooks' events, stays listening, and its lines for curl do what it says", async () => {
  const { output, stop } = await startProcess(process.execPath, ["--import", "tsx", "examples/demo.ts"], {});
  try {
    for (const name of ["profile.create", "subprofile.create"]) {
      await output.line(new RegExp(`^The receiver answered the signed webhook ${name} with 200\\.$`));
    }
    await output.line(/curl .*\/anybody$/);
    for (const printed of [
      "profile.create",
      "  profile     4211",
      "  occurredAt  2026-11-24T09:15:30.000Z",
      "  interests   newsletter: true, offers: false",
      "subprofile.create",
      "  fields      orderId: 2026-00417, amount: 59.95, paid: 1",
    ]) {
      expect(output.lines).toContain(printed);
    }

    const statuses: number[] = [];
    for (const line of output.lines) {
      const [, body, url] = /^ {2}curl -d "(.*)" (\S+)$/.exec(line) ?? [];
      if (body === undefined || url === undefined) continue;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      statuses.push((await fetch(url, { method: "POST", headers, body })).status);
    }
    expect(statuses).toEqual([401, 200]);
    await output.line(/^Refused with 401: /);
    await output.line(/^unsubscribe$/);
  } finally {
    await stop();
  }
});

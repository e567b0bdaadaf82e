import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PATH } from "./messages.ts";
import { command, here, startProcess } from "./server.ts";
import { startWorker } from "./workerd.ts";

const run = promisify(execFile);
/** What a handler says whose account is undefined. */
const ASKED = /account must be .*is the environment variable set\?/;

const file = (name: string): string => here(`../../examples/${name}`);

describe("the examples compile", () => {
  test.each(["node", "bun", "worker"])("with the types of %s", async (runtime) => {
    await run(command("tsc"), ["-p", here(`tsconfig.${runtime}.json`)]);
  });

  test("with Deno's", async () => {
    const examples = ["deno.ts", "deliveries-deno-kv.ts", "inbox-deno.ts"].map(file);
    await run(command("deno"), ["check", "--unstable-kv", "--import-map", here("import-map.json"), ...examples]);
  });
});

test("each example starts with what it is and how it is run", () => {
  for (const name of readdirSync(file("."))) {
    expect(readFileSync(file(name), "utf8"), name).toMatch(
      /^\/\*\*\s(?:(?!\*\/)[\s\S])*(?:`[^`]+`|wrangler\.json\.)\s+\*\/\n/,
    );
  }
});

describe("without COPERNICA_ACCOUNT, an example does not start, and asks for it:", () => {
  const node = [process.execPath, "--import", "tsx"];
  const starts: readonly (readonly [name: string, command: readonly string[]])[] = [
    ...readdirSync(file("."))
      .filter(
        (name) =>
          !/^(?:deliveries|inbox)-/.test(name) && // test/deliveries and test/inbox have these
          !["bun.ts", "deno.ts", "demo.ts", "redis.ts", "worker.ts"].includes(name),
      )
      .map((name) => [name, node] as const),
    ["bun.ts", [command("bun")]],
    ["deno.ts", [command("deno"), "run", "--allow-net", "--allow-env"]],
  ];
  test.each(starts)("%s", async (name, [program = "", ...parameters]) => {
    const starting = startProcess(program, [...parameters, `examples/${name}`], {});
    starting.then(({ stop }) => stop()).catch(() => {}); // it is to reject, below
    await expect(starting).rejects.toThrow(ASKED);
  });

  test("worker.ts, which says so with its first answer", async () => {
    const { port, output, stop } = await startWorker({});
    try {
      const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", body: "type=create" });
      expect(response.status).toBe(500);
      await output.line(ASKED);
    } finally {
      await stop();
    }
  });

  test("redis.ts, which is read, since Redis is not asked before", () => {
    expect(readFileSync(file("redis.ts"), "utf8")).toContain("\n  account: process.env.COPERNICA_ACCOUNT, //");
  });
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

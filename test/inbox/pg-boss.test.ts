import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPostgres, type Postgres, startPostgres } from "../fixtures/postgres.ts";
import { type Runtime, runtimes } from "./children.ts";
import type { ContractReport } from "./contract.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Why nothing can be tested here; undefined if it can. */
const missing =
  major < 22 || (major === 22 && minor < 12)
    ? "pg-boss needs Node 22.12 or newer: npm run test:inbox runs these tests with one"
    : missingPostgres;

describe.runIf(missing)("processes that share an inbox on Postgres", () => {
  test("are tested where it is", ({ skip }) => skip(missing));
});

describe.skipIf(missing)("processes that share an inbox on Postgres", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.remove());

  describe.each(runtimes())("on $name", (runtime) => {
    test("do all that a store of inboxes must do", async () => {
      const { passed, failed } = await runContract(runtime, postgres.url);
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(20);
    });
  });
});

async function runContract({ command: [file = "", ...parameters] }: Runtime, url: string): Promise<ContractReport> {
  const script = fileURLToPath(new URL("contract.ts", import.meta.url));
  const child = spawn(file, [...parameters, script, url], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  return JSON.parse(output);
}

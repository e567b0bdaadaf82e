import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Miniflare } from "miniflare";
import { build } from "tsup";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "copernica-webhooks-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Writes the store of an example, and what tries it. */
async function writeSources(example: string, trial: string): Promise<void> {
  await writeFile(join(folder, "deliveries.ts"), await readFile(here(`../../examples/${example}`), "utf8"));
  await writeFile(join(folder, "trial.ts"), trial);
}

/** Tries to claim each of some deliveries several times at once, finishes some, and releases another. */
const KV_TRIAL = `
  import { deliveries } from "./deliveries.ts";

  const outcomes = [];
  for (let number = 0; number < 20; number += 1) {
    const attempt = () => deliveries.claim(String(number), 60_000);
    outcomes.push(await Promise.all([attempt(), attempt(), attempt(), attempt()]));
    if (number % 2 === 0) await deliveries.complete(String(number), 60_000);
  }
  await deliveries.claim("released", 60_000);
  await deliveries.release("released");
  outcomes.push([await deliveries.claim("released", 60_000)]);
  await deliveries.release("released");
  console.log(JSON.stringify(outcomes));
`;

test("Deno KV, as an example has it, gives a delivery to one who claims it, and tells the next process", async () => {
  await writeSources("deliveries-deno-kv.ts", KV_TRIAL);
  const deno = here("../../node_modules/.bin/deno");
  const parameters = [
    "run",
    "--allow-all",
    "--unstable-kv",
    "--location",
    "http://localhost",
    join(folder, "trial.ts"),
  ];
  const environment = { ...process.env, DENO_DIR: folder };
  const run = async (): Promise<string[][]> => {
    const { stdout } = await promisify(execFile)(deno, parameters, { env: environment });
    return JSON.parse(stdout);
  };
  // One after the other: a database in a file is one process's at a time.
  const [first, second] = [await run(), await run()];
  for (let number = 0; number < 20; number += 1) {
    expect([...(first[number] ?? [])].sort()).toEqual(["claimed", "running", "running", "running"]);
    expect(new Set(second[number])).toEqual(new Set([number % 2 === 0 ? "done" : "running"]));
  }
  expect([first[20], second[20]]).toEqual([["claimed"], ["claimed"]]);
});

/** Sends a delivery whose callback fails, then the same many times at once, then once more; and lets a claim expire. */
const OBJECT_TRIAL = `
  import { createWebhookHandler } from ${JSON.stringify(here("../../src/index.ts"))};
  import { createTestCopernica, samples } from ${JSON.stringify(here("../../src/testing.ts"))};
  import { deliveries } from "./deliveries.ts";

  export { Delivery } from "./deliveries.ts";

  export default {
    async fetch() {
      const copernica = await createTestCopernica();
      let runs = 0;
      let fails = true;
      const handler = createWebhookHandler({
        account: copernica.account,
        verify: { resolveTxt: copernica.resolveTxt },
        deliveries,
        async onProfileCreate() {
          runs += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
          if (fails) throw new Error("not today");
        },
        onError() {},
      });
      const request = await copernica.request(samples["profile.create"]);
      const send = async () => (await handler(request.clone())).status;
      const failed = await send();
      fails = false;
      const together = await Promise.all(Array.from({ length: 10 }, send));
      const again = await send();

      await deliveries.claim("short-lived", 500);
      const running = await deliveries.claim("short-lived", 500);
      let expired = running;
      while (expired === "running") {
        await new Promise((resolve) => setTimeout(resolve, 50));
        expired = await deliveries.claim("short-lived", 500);
      }
      return Response.json({ failed, together: together.sort(), again, runs, running, expired });
    },
  };
`;

test("Durable Objects, as an example has them, claim, finish, release and forget deliveries", async () => {
  await writeSources("deliveries-durable-object.ts", OBJECT_TRIAL);
  await build({
    config: false,
    entry: [join(folder, "trial.ts")],
    format: "esm",
    target: "es2022",
    platform: "neutral",
    external: ["cloudflare:workers"],
    noExternal: [/^(?!cloudflare:)/],
    outDir: folder,
    outExtension: () => ({ js: ".mjs" }),
    silent: true,
  });
  const worker = new Miniflare({
    modules: true,
    script: await readFile(join(folder, "trial.mjs"), "utf8"),
    compatibilityDate: "2026-04-01",
    durableObjects: { DELIVERIES: { className: "Delivery", useSQLite: true } },
  });
  try {
    const response = await worker.dispatchFetch("http://localhost/");
    expect(await response.json()).toEqual({
      failed: 500,
      together: [200, ...Array.from({ length: 9 }, () => 409)],
      again: 200,
      runs: 2,
      running: "running",
      expired: "claimed",
    });
  } finally {
    await worker.dispose();
  }
});

/**
 * `npm run inbox:long -- [kill|power|order|lock|disk|poison|twice|stop|backlog|memory] [Node|Bun|Deno]`: what test/inbox checks in
 * short, at length; prints what came of it. Those of an inbox on Postgres are named so: `boss-kill`, `boss-order`, `boss-away`,
 * `boss-poison`, `boss-twice`. Run it with a Node that has SQLite, or Node is left out.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../fixtures/files.ts";
import { missingPostgres, type Postgres, startPostgres } from "../fixtures/postgres.ts";
import { type Runtime, runtimes } from "../inbox/children.ts";
import { fillDisk, loseServer, meetLock } from "../inbox/faults.ts";
import { killAgainAndAgain } from "../inbox/kill.ts";
import { keepOrder } from "../inbox/order.ts";
import { POISONS, workThroughPoison } from "../inbox/poison.ts";
import { cutPower } from "../inbox/power.ts";
import { receiveTwice, standStill } from "../inbox/sharing.ts";

type Run = (runtime: Runtime, folder: string) => unknown;

/** Does something in a folder of its own for each of some values. */
function forEach<Value extends string | number>(
  values: readonly Value[],
  run: (runtime: Runtime, folder: string, value: Value) => Promise<unknown>,
): Run {
  return async (runtime, folder) => {
    const reports: [Value, unknown][] = [];
    for (const value of values) {
      mkdirSync(`${folder}/${value}`);
      reports.push([value, await run(runtime, `${folder}/${value}`, value)]);
    }
    return Object.fromEntries(reports);
  };
}

/** Runs a script of test/inbox, which prints lines of JSON. */
function report({ command: [file = "", ...options] }: Runtime, script: string, parameters: readonly string[]): unknown {
  const path = fileURLToPath(new URL(`../inbox/${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(file, [...options, path, ...parameters], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const runs: Readonly<Record<string, Run>> = {
  kill: (runtime, folder) => killAgainAndAgain(runtime, folder, 300),
  power: forEach(["FULL", "NORMAL"], (runtime, folder, synchronous) =>
    cutPower(runtime, folder, 10_000, synchronous === "NORMAL"),
  ),
  order: (runtime, folder) => keepOrder(runtime, folder, { total: 100_000, profiles: 1_000, killEveryMs: 1_000 }),
  lock: forEach([1_000, 5_000, 30_000], meetLock),
  disk: fillDisk,
  poison: forEach(POISONS, (runtime, folder, poison) => workThroughPoison(runtime, folder, poison, 1_000)),
  twice: (runtime, folder) => receiveTwice(runtime, folder, 20_000),
  stop: standStill,
  backlog: (runtime, folder) => report(runtime, "backlog.ts", [folder, "1000", "1000000"]),
  memory: (runtime, folder) => report(runtime, "memory.ts", [folder, "100000", "500000", "1000000"]),
};

/** Does something over a Postgres of its own. */
function onPostgres(run: (runtime: Runtime, folder: string, postgres: Postgres) => unknown): Run {
  return async (runtime, folder) => {
    if (missingPostgres !== undefined) return missingPostgres;
    const postgres = await startPostgres();
    try {
      return await run({ ...runtime, postgres: postgres.url }, folder, postgres);
    } finally {
      postgres.remove();
    }
  };
}

const bossRuns: Readonly<Record<string, Run>> = {
  "boss-kill": onPostgres((runtime, folder) => killAgainAndAgain(runtime, folder, 100, 1_000)),
  "boss-order": onPostgres((runtime, folder) =>
    keepOrder(runtime, folder, { total: 100_000, profiles: 1_000, killEveryMs: 1_000, mostKills: 300 }),
  ),
  "boss-away": onPostgres((runtime, folder, postgres) =>
    forEach([1_000, 5_000, 30_000], (_, path, awayMs) => loseServer(runtime, path, postgres, awayMs))(runtime, folder),
  ),
  "boss-poison": onPostgres((runtime, folder) =>
    forEach(POISONS, (_, path, poison) => workThroughPoison(runtime, path, poison, 1_000))(runtime, folder),
  ),
  "boss-twice": onPostgres((runtime, folder) => receiveTwice(runtime, folder, 20_000)),
};

const [name, runtimeName] = process.argv.slice(2);
for (const [run, act] of Object.entries({ ...runs, ...bossRuns })) {
  if (name !== undefined && name !== run) continue;
  for (const runtime of runtimes()) {
    if (runtimeName !== undefined && runtimeName !== runtime.name) continue;
    const folder = makeFolder();
    console.log(run, runtime.name, JSON.stringify(await act(runtime, folder.root)));
    folder.remove();
  }
}

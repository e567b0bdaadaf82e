/**
 * `npm run inbox:long -- [kill|power|order|lock|disk|poison|twice|stop|backlog|memory] [Node|Bun|Deno]`: what test/inbox checks in
 * short, at length; prints what came of it. Run it with a Node that has SQLite, or Node is left out.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { makeFolder } from "../fixtures/files.ts";
import { type Runtime, runtimes } from "../inbox/children.ts";
import { fillDisk, meetLock } from "../inbox/faults.ts";
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

const [name, runtimeName] = process.argv.slice(2);
for (const [run, act] of Object.entries(runs)) {
  if (name !== undefined && name !== run) continue;
  for (const runtime of runtimes()) {
    if (runtimeName !== undefined && runtimeName !== runtime.name) continue;
    const folder = makeFolder();
    console.log(run, runtime.name, JSON.stringify(await act(runtime, folder.root)));
    folder.remove();
  }
}

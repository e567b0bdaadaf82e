/**
 * `npm run inbox:long -- [kill|power|order|lock|disk|poison|twice|backlog] [Node|Bun|Deno]`: what test/inbox checks in short,
 * at length; prints what came of it. Run it with a Node that has SQLite, or Node is left out.
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

type Run = (runtime: Runtime, folder: string) => Promise<unknown>;

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
  async backlog({ command: [file = "", ...parameters] }, folder) {
    const script = fileURLToPath(new URL("../inbox/backlog.ts", import.meta.url));
    const { stdout, stderr } = spawnSync(file, [...parameters, script, folder, "1000", "1000000"], {
      encoding: "utf8",
    });
    if (stdout === "") throw new Error(stderr);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  },
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

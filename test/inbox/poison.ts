import type { Poison } from "./child.ts";
import { finalStats, type Runtime, readNotes, startChild } from "./children.ts";
import { receive } from "./send.ts";

/** What came of a delivery whose callback does harm. */
export interface PoisonReport {
  /** Which attempts it got, in order. */
  readonly attempts: readonly number[];
  /** How many deliveries ended in each state. */
  readonly completed: number;
  readonly discarded: number;
  /** How often the process died of it, and was started again. */
  readonly restarts: number;
}

/** The ways to do harm. */
export const POISONS: readonly Poison[] = ["throw", "hang", "exit", "allocate"];

/** How many attempts a delivery gets. */
export const POISON_ATTEMPTS = 4;

/** Stores a delivery that does harm before harmless ones; works, and starts again whenever the process dies of it. */
export async function workThroughPoison(
  runtime: Runtime,
  folder: string,
  poison: Poison,
  harmless: number,
): Promise<PoisonReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  await receive(runtime, { path, log }, { prefix: "poison", profiles: 1, connections: 1, total: 1 });
  await receive(runtime, { path, log }, { prefix: "harmless", profiles: 1_000_000, connections: 10, total: harmless });
  const options = {
    concurrency: 4,
    attempts: POISON_ATTEMPTS,
    leaseMs: 500,
    backoff: { firstMs: 50, mostMs: 200, jitter: 0.5 },
  };
  const work = { mostMs: 2, failing: 0, poison: { poison } };
  for (let restarts = 0; restarts <= POISON_ATTEMPTS; restarts += 1) {
    const worker = startChild(runtime, { path, log, options, work, endsDrained: true });
    if ((await worker.ended).code !== 0) continue;
    const { completed, discarded } = await finalStats(worker);
    const began = readNotes(log).filter(({ what, call }) => what === "began" && call === "poison-1");
    return { attempts: began.map(({ attempt }) => attempt), completed, discarded, restarts };
  }
  throw new Error("The process dies for ever.");
}

/**
 * Run by a runtime that has SQLite, with a folder and numbers of deliveries: fills an inbox with each number, and prints what
 * it takes then to take, to count, to list and to prune.
 */
import process from "node:process";
import { openSqliteStore } from "../../src/inbox/sqlite/store.ts";
import type { InboxPolicy, InboxStore, NewDelivery, TakenDelivery } from "../../src/inbox/store.ts";

/** What it takes to work with a backlog, in milliseconds. */
export interface BacklogReport {
  readonly deliveries: number;
  readonly storedPerSecond: number;
  /** To take ten deliveries and settle the ten before. */
  readonly takeP50Ms: number;
  readonly takeP99Ms: number;
  readonly statsP99Ms: number;
  /** The longest time that a list of one profile's deliveries kept others from their turn. */
  readonly listBlocksMs: number;
  /** For how long pruning kept others from their turn: at most, and of a hundred turns that took a while. */
  readonly pruneBlocksMs: number;
  readonly pruneBlocksP99Ms: number;
  readonly prunedPerSecond: number;
  /** The growth of the memory in use, from an empty inbox on, in megabytes. */
  readonly grownMb: number;
}

/** How often deliveries are taken to measure it, and how many at once. */
const TAKES = 4_000;
const TAKEN_AT_ONCE = 10;

async function measure(path: string, deliveries: number): Promise<BacklogReport> {
  const policy: InboxPolicy = {
    attempts: 20,
    backoff: { firstMs: 0, mostMs: 0, jitter: 0 },
    keep: { completedMs: 3_600_000, discardedMs: 3_600_000 },
    maxBytes: Number.MAX_SAFE_INTEGER,
    warn: console.error,
  };
  const store = openSqliteStore(path, policy);
  const before = process.memoryUsage().rss;
  let added = 0;
  const fill = async (): Promise<void> => {
    for (const full = added + deliveries; added < full; added += 250) {
      await store.add(Array.from({ length: 250 }, (_, index) => delivery(added + index)));
    }
  };
  const storing = performance.now();
  await fill();
  const storedPerSecond = added / ((performance.now() - storing) / 1_000);

  const takes: number[] = [];
  let taken: readonly TakenDelivery[] = [];
  while (takes.length < TAKES) {
    const settlements = taken.map((one) => ({ taken: one }));
    const began = performance.now();
    ({ taken } = await store.exchange(settlements, TAKEN_AT_ONCE, 60_000));
    takes.push(performance.now() - began);
    if (taken.length < TAKEN_AT_ONCE) await fill();
  }
  await store.exchange(
    taken.map((one) => ({ taken: one })),
    0,
    60_000,
  );

  const counts: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    const began = performance.now();
    await store.stats();
    counts.push(performance.now() - began);
  }
  const listBlocksMs = quantile(
    await longTurns(async () => void (await store.list({ profile: -1 }, 100, undefined))),
    1,
  );
  const grownMb = (process.memoryUsage().rss - before) / 1_024 ** 2;
  await completeAll(store);
  await store.close();

  const pruned = openSqliteStore(path, { ...policy, keep: { completedMs: 0, discardedMs: 0 } });
  const pruning = performance.now();
  const blocks = await longTurns(async () => {
    for (let hasMore = true; hasMore; ) {
      ({ hasMore } = await pruned.sweep());
      await new Promise((resolve) => setTimeout(resolve, 1)); // an inbox waits for longer
    }
  });
  const prunedPerSecond = added / ((performance.now() - pruning) / 1_000);
  const { completed } = await pruned.stats();
  if (completed > 0) throw new Error(`${completed} deliveries were not pruned.`);
  await pruned.close();
  return {
    deliveries,
    storedPerSecond: Math.round(storedPerSecond),
    takeP50Ms: quantile(takes, 0.5),
    takeP99Ms: quantile(takes, 0.99),
    statsP99Ms: quantile(counts, 0.99),
    listBlocksMs,
    pruneBlocksMs: quantile(blocks, 1),
    pruneBlocksP99Ms: quantile(blocks, 0.99),
    prunedPerSecond: Math.round(prunedPerSecond),
    grownMb: Math.round(grownMb),
  };
}

function delivery(number: number): NewDelivery {
  const profile = Math.floor(Math.random() * 100_000);
  return {
    deliveryId: `${Math.random().toString(36).slice(2)}${number}`,
    receivedAt: new Date(),
    url: "https://example.com/webhooks/copernica",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new Uint8Array(1_400).fill(number % 256),
    event: { name: "profile.update", profile, database: 1 },
    orderKey: profile,
  };
}

async function completeAll(store: InboxStore): Promise<void> {
  let { taken } = await store.exchange([], 500, 60_000);
  while (taken.length > 0)
    ({ taken } = await store.exchange(
      taken.map((one) => ({ taken: one })),
      500,
      60_000,
    ));
}

/** The times between two turns of the event loop while something is being done that are longer than a millisecond. */
async function longTurns(act: () => Promise<void>): Promise<number[]> {
  const turns: number[] = [];
  let isDone = false;
  const watch = async (): Promise<void> => {
    while (!isDone) {
      const began = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      const took = performance.now() - began;
      if (took > 1) turns.push(took);
    }
  };
  const watching = watch();
  await act();
  isDone = true;
  await watching;
  return turns;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 1_000) / 1_000;
}

const [folder = "", ...sizes] = process.argv.slice(-3);
for (const size of sizes) console.log(JSON.stringify(await measure(`${folder}/${size}.db`, Number(size))));

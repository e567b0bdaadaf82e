/**
 * Run by a runtime that has SQLite, with a folder and numbers of deliveries: fills an inbox with each number, and prints what
 * it takes then to take, to count, to list and to prune.
 */
import fs from "node:fs";
import process from "node:process";
import { openSqliteStore } from "../../src/inbox/sqlite/store.ts";
import type { InboxPolicy, InboxStore, NewDelivery, TakenDelivery } from "../../src/inbox/store.ts";
import { timeDatabases } from "./database-times.ts";

/** What it takes to work with a backlog, in milliseconds. */
export interface BacklogReport {
  readonly deliveries: number;
  readonly storedPerSecond: number;
  /** To take ten deliveries and settle the ten before. */
  readonly takeMs: Times;
  readonly statsMs: Times;
  /** The longest time that a list of one profile's deliveries kept others from their turn. */
  readonly listBlocksMs: number;
  /** What storing and taking took by turns: while deliveries were pruned, while they were not, and with a bare disk's work beside it. */
  readonly pruning: LoadReport;
  readonly notPruning: LoadReport;
  readonly besideDisk: LoadReport;
  /** How long the disk took to write and sync as much as a slice of pruning does, in a file without SQLite. */
  readonly diskMs: Times;
  /** How long, while deliveries were pruned, a slice kept others from writing, and what was written back this process from everything. */
  readonly removingMs: Times;
  readonly writingBackMs: Times;
  readonly prunedPerSecond: number;
  /** The growth of the memory in use, from an empty inbox on, in megabytes. */
  readonly grownMb: number;
}

/** How long something took: mostly, of a hundred times all but one, and at most, in milliseconds. */
interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** What storing and taking took for some time. */
interface LoadReport {
  readonly storeMs: Times;
  readonly takeMs: Times;
  /** The longest time between two turns of the event loop. */
  readonly longestTurnMs: number;
  /** How many turns a minute took longer than 50 ms. */
  readonly longTurnsPerMinute: number;
}

/** In how many turns deliveries are taken and counted, how often in each, and how many are taken at once. */
const TURNS = 100;
const TAKES_A_TURN = 40;
const COUNTS_A_TURN = 4;
const TAKEN_AT_ONCE = 10;

/** How often it is pruned while deliveries are stored and taken, and as often not, and for how long, in milliseconds. */
const ROUNDS = 20;
const ROUND_MS = 1_000;

/** How many deliveries are stored, and taken, at once then. */
const LOAD = 16;

/** How long it waits before it stores and takes others then, in milliseconds. */
const BETWEEN_LOADS_MS = 2;

/** How long an inbox waits between two slices of pruning, in milliseconds. */
const BETWEEN_SLICES_MS = 20;

/** How large a file is that the bare disk writes to, how large its pages are, in bytes, and how many it writes at once. */
const DISK = { bytes: 64 * 1_024 ** 2, pageBytes: 4_096, pages: 100 } as const;

/** The turns of the event loop that are too long, in milliseconds. */
const LONG_TURN_MS = 50;

const POLICY: InboxPolicy = {
  attempts: 20,
  backoff: { firstMs: 0, mostMs: 0, jitter: 0 },
  keep: { completedMs: 3_600_000, discardedMs: 3_600_000 },
  maxBytes: Number.MAX_SAFE_INTEGER,
  warn: console.error,
};

const databaseTimes = timeDatabases();

/** An inbox that is measured. */
interface Measured {
  readonly path: string;
  readonly store: InboxStore;
  readonly fill: () => Promise<void>;
  readonly takes: number[];
  readonly counts: number[];
  taken: readonly TakenDelivery[];
  readonly report: Pick<BacklogReport, "deliveries" | "storedPerSecond" | "listBlocksMs" | "grownMb">;
}

/** Fills inboxes, and measures them by turns, so that what else the machine does meets all of them. */
async function measure(folder: string, sizes: readonly number[]): Promise<BacklogReport[]> {
  const inboxes: Measured[] = [];
  for (const size of sizes) inboxes.push(await fillInbox(`${folder}/${size}.db`, size));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const inbox of inboxes) {
      for (let count = 0; count < COUNTS_A_TURN; count += 1) await timed(inbox.counts, () => inbox.store.stats());
      for (let take = 0; take < TAKES_A_TURN; take += 1) {
        await timed(inbox.takes, async () => {
          inbox.taken = await exchange(inbox.store, inbox.taken, TAKEN_AT_ONCE);
        });
        if (inbox.taken.length < TAKEN_AT_ONCE) await inbox.fill();
      }
    }
  }
  const reports: BacklogReport[] = [];
  for (const inbox of inboxes) {
    const { takes, counts, report } = inbox;
    reports.push({ ...report, takeMs: timesOf(takes), statsMs: timesOf(counts), ...(await pruneInbox(inbox)) });
  }
  return reports;
}

async function fillInbox(path: string, deliveries: number): Promise<Measured> {
  const before = process.memoryUsage().rss;
  const store = openSqliteStore(path, POLICY);
  const fill = async (): Promise<void> => {
    for (let added = 0; added < deliveries; added += 250) await store.add(newDeliveries(250));
  };
  const began = performance.now();
  await fill();
  const storedPerSecond = Math.round(deliveries / ((performance.now() - began) / 1_000));
  const taken = await exchange(store, [], TAKEN_AT_ONCE);
  const turns = await turnsDuring(async () => void (await store.list({ profile: -1 }, 100, undefined)));
  const grownMb = Math.round((process.memoryUsage().rss - before) / 1_024 ** 2);
  const report = { deliveries, storedPerSecond, listBlocksMs: timesOf(turns).most, grownMb };
  return { path, store, fill, takes: [], counts: [], taken, report };
}

/** Works through an inbox, and prunes all that it has. */
async function pruneInbox({
  path,
  store,
  taken,
}: Measured): Promise<
  Pick<
    BacklogReport,
    "pruning" | "notPruning" | "besideDisk" | "diskMs" | "removingMs" | "writingBackMs" | "prunedPerSecond"
  >
> {
  await completeAll(store, taken);
  await store.close();
  const pruned = openSqliteStore(path, { ...POLICY, keep: { completedMs: 0, discardedMs: 0 } });
  const loads = await loadByTurns(pruned, path);
  const [removingMs, writingBackMs] = [timesOf(databaseTimes.removing), timesOf(databaseTimes.writingBack)];
  await completeAll(pruned, []);
  const { completed } = await pruned.stats();
  const began = performance.now();
  while ((await pruned.sweep()).hasMore);
  const prunedPerSecond = Math.round(completed / ((performance.now() - began) / 1_000));
  const { completed: left } = await pruned.stats();
  if (left > 0) throw new Error(`${left} deliveries were not pruned.`);
  await pruned.close();
  return { ...loads, removingMs, writingBackMs, prunedPerSecond };
}

/** Stores and takes deliveries all the time, and by turns prunes beside it, does nothing else, or works the bare disk. */
async function loadByTurns(
  store: InboxStore,
  path: string,
): Promise<Pick<BacklogReport, "pruning" | "notPruning" | "besideDisk" | "diskMs">> {
  const disk = openDisk(`${path}.disk`);
  const prune = async (): Promise<void> => void (await store.sweep());
  const kinds = [
    { load: newLoad(), act: async () => {} },
    { load: newLoad(), act: prune },
    { load: newLoad(), act: disk.write },
  ] as const;
  databaseTimes.removing.length = 0;
  databaseTimes.writingBack.length = 0;
  let taken: readonly TakenDelivery[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { load, act } of kinds) {
      const { stores, takes, turns } = load;
      const writtenBack = databaseTimes.writingBack.length;
      const until = performance.now() + ROUND_MS;
      const actAgainAndAgain = async (): Promise<void> => {
        while (performance.now() < until) {
          await act();
          await pause(BETWEEN_SLICES_MS);
        }
      };
      const storeAndTake = async (): Promise<void> => {
        while (performance.now() < until) {
          await timed(stores, () => store.add(newDeliveries(LOAD)));
          await timed(takes, async () => {
            taken = await exchange(store, taken, LOAD);
          });
          await pause(BETWEEN_LOADS_MS);
        }
      };
      turns.push(...(await turnsDuring(async () => void (await Promise.all([actAgainAndAgain(), storeAndTake()])))));
      if (act !== prune) databaseTimes.writingBack.length = writtenBack;
    }
  }
  await exchange(store, taken, 0);
  const [notPruning, pruning, besideDisk] = kinds.map(({ load }) => reportOf(load));
  if (notPruning === undefined || pruning === undefined || besideDisk === undefined)
    throw new Error("A load is missing.");
  return { pruning, notPruning, besideDisk, diskMs: timesOf(disk.close()) };
}

/** Makes a file that pages of are written and synced, as SQLite does with one; tells in the end how long each time took. */
function openDisk(path: string): { readonly write: () => Promise<void>; readonly close: () => number[] } {
  const times: number[] = [];
  const file = fs.openSync(path, "w+");
  const page = new Uint8Array(DISK.pageBytes).fill(1);
  for (let at = 0; at < DISK.bytes; at += DISK.pageBytes) fs.writeSync(file, page, 0, page.length, at);
  fs.fdatasyncSync(file);
  const writeOnce = (): void => {
    for (let written = 0; written < DISK.pages; written += 1) {
      const at = Math.floor(Math.random() * (DISK.bytes / DISK.pageBytes)) * DISK.pageBytes;
      fs.writeSync(file, page, 0, page.length, at);
    }
    fs.fdatasyncSync(file);
  };
  return {
    write: () => timed(times, writeOnce),
    close() {
      fs.closeSync(file);
      fs.rmSync(path);
      return times;
    },
  };
}

/** The times of what was done, and the longer turns of the event loop meanwhile, in milliseconds. */
interface Load {
  readonly stores: number[];
  readonly takes: number[];
  readonly turns: number[];
}

function newLoad(): Load {
  return { stores: [], takes: [], turns: [] };
}

function reportOf({ stores, takes, turns }: Load): LoadReport {
  return {
    storeMs: timesOf(stores),
    takeMs: timesOf(takes),
    longestTurnMs: timesOf(turns).most,
    longTurnsPerMinute: turns.filter((turn) => turn > LONG_TURN_MS).length / ((ROUNDS * ROUND_MS) / 60_000),
  };
}

let made = 0;

function newDeliveries(count: number): NewDelivery[] {
  return Array.from({ length: count }, () => {
    made += 1;
    const profile = Math.floor(Math.random() * 100_000);
    return {
      deliveryId: `${Math.random().toString(36).slice(2)}${made}`,
      receivedAt: new Date(),
      url: "https://example.com/webhooks/copernica",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new Uint8Array(1_400).fill(made % 256),
      event: { name: "profile.update", profile, database: 1 },
      orderKey: profile,
    };
  });
}

/** Settles what was taken, and takes others. */
async function exchange(
  store: InboxStore,
  ended: readonly TakenDelivery[],
  limit: number,
): Promise<readonly TakenDelivery[]> {
  const settlements = ended.map((taken) => ({ taken }));
  return (await store.exchange(settlements, limit, 60_000)).taken;
}

async function completeAll(store: InboxStore, ended: readonly TakenDelivery[]): Promise<void> {
  for (let taken = await exchange(store, ended, 500); taken.length > 0; ) taken = await exchange(store, taken, 500);
}

/** Does something, and notes how long that took. */
async function timed(times: number[], act: () => unknown): Promise<void> {
  const began = performance.now();
  await act();
  times.push(performance.now() - began);
}

/** The times between two turns of the event loop while something is being done that are longer than a millisecond. */
async function turnsDuring(act: () => Promise<void>): Promise<number[]> {
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

function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return Math.round(value * 1_000) / 1_000;
  };
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const [folder = "", ...sizes] = process.argv.slice(
  process.argv.findIndex((parameter) => parameter.endsWith("backlog.ts")) + 1,
);
for (const report of await measure(folder, sizes.map(Number))) console.log(JSON.stringify(report));

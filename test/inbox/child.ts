/**
 * A process that receives into an inbox, works through it, or both, and notes in a log what it does. Tests start it, on
 * each runtime that has SQLite, and end it as they like. Its one parameter is a {@link ChildConfig} in JSON.
 */
import fs from "node:fs";
import process from "node:process";
import type { InboxOptions } from "../../src/inbox/options.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import type { Process } from "../../src/inbox/worker.ts";

/** What a child is to do. */
export interface ChildConfig {
  /** The file of the inbox. */
  readonly path: string;
  /** The file that it appends its notes to. */
  readonly log: string;
  readonly options?: InboxOptions;
  /** What it receives: deliveries named `<prefix>-<number>`, `atOnce` of them at a time, `total` of them or for ever. */
  readonly receive?: {
    readonly prefix: string;
    readonly profiles: number;
    readonly atOnce: number;
    readonly total?: number;
    /** How long it waits after each of them, in milliseconds. */
    readonly everyMs?: number;
  };
  /** How it works, if it does. */
  readonly work?: {
    /** How long each attempt takes at least, in milliseconds. */
    readonly leastMs?: number;
    /** How long each attempt takes at most, in milliseconds. */
    readonly mostMs: number;
    /** The share of attempts that fails. */
    readonly failing: number;
    /** What happens to deliveries whose name begins so. */
    readonly poison?: Readonly<Record<string, Poison>>;
  };
  /** For how long it does nothing but hold the lock of the file, in milliseconds. */
  readonly lockMs?: number;
  /** Whether it tells SQLite to sync nothing when it commits: what a test must notice. */
  readonly isCareless?: boolean;
  /** How it ends: `drained` once nothing is left unsettled, `received` once it has received all; else it goes on. */
  readonly until?: "drained" | "received";
}

/** What a callback does that does harm. */
export type Poison = "throw" | "hang" | "exit" | "allocate";

/** What a note says: what became of a delivery that came in, that an attempt began, or how it ended. */
export interface Note {
  readonly what: "stored" | "duplicate" | "unavailable" | "began" | "ended" | "failed" | "discarded" | "killed";
  readonly deliveryId: string;
  /** Which attempt; of a delivery that came in, its profile. */
  readonly attempt: number;
  readonly pid: number;
}

/** How much memory a process may have that allocates it for ever. */
const ALLOCATED_BYTES = 400_000_000;

const { path, log, options, receive, work, lockMs, isCareless, until }: ChildConfig = JSON.parse(
  process.argv.at(-1) ?? "{}",
);
const file = fs.openSync(log, "a");

if (lockMs !== undefined) {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
  console.log(`ready ${process.pid}`);
  await pause(lockMs);
  database.exec("COMMIT");
  database.close();
  process.exit(0);
}

function note(what: Note["what"], deliveryId: string, attempt = 0): void {
  fs.writeSync(file, `${what} ${deliveryId} ${attempt} ${process.pid}\n`);
}

if (isCareless) {
  const { DatabaseSync } = loadSqlite();
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function careless(sql) {
    exec.call(this, sql.replace("synchronous = FULL", "synchronous = NORMAL"));
  };
}

const inbox = sqliteInbox(path, {
  ...options,
  work: options?.work ?? work !== undefined,
  onDiscarded: ({ deliveryId, attempt }) => note("discarded", deliveryId, attempt),
});

const callback: Process = async ({ deliveryId }, { attempt }) => {
  note("began", deliveryId, attempt);
  const [kind] = deliveryId.split("-");
  const poison = work?.poison?.[kind ?? ""];
  if (poison === "exit") process.exit(1);
  if (poison === "hang") await new Promise(() => {});
  if (poison === "allocate") allocate();
  if (work !== undefined && work.mostMs > 0) {
    const { leastMs = 0, mostMs } = work;
    await pause(leastMs + Math.random() * (mostMs - leastMs));
  }
  if (poison === "throw" || Math.random() < (work?.failing ?? 0)) {
    note("failed", deliveryId, attempt);
    throw new Error(`No luck with ${deliveryId}.`);
  }
  note("ended", deliveryId, attempt);
  return undefined;
};

inbox.work(callback, { timeoutMs: 60_000 });
console.log(`ready ${process.pid}`);
if (until === undefined) setInterval(() => {}, 60_000); // it goes on until it is killed
if (receive !== undefined) await receiveAll(receive);
if (until === "drained") {
  for (;;) {
    const { available, running, retryable } = await inbox.stats();
    if (available + running + retryable === 0) break;
    await pause(20);
  }
}
if (until !== undefined) {
  const stats = await inbox.stats();
  await inbox.stop();
  console.log(`done ${JSON.stringify(stats)}`);
}

async function receiveAll({
  prefix,
  profiles,
  atOnce,
  total = Infinity,
  everyMs,
}: NonNullable<ChildConfig["receive"]>) {
  let number = 0;
  const one = async (): Promise<void> => {
    while (number < total) {
      number += 1;
      const deliveryId = `${prefix}-${number}`;
      const profile = 1 + Math.floor(Math.random() * profiles);
      try {
        const outcome = await inbox.receive({
          deliveryId,
          receivedAt: new Date(),
          url: "https://example.com/webhooks/copernica",
          headers: new Headers({ "content-type": "application/x-www-form-urlencoded", date: new Date().toUTCString() }),
          body: new Uint8Array(1_400).fill(number % 256),
          event: { name: "profile.update", profile, database: 1 },
        });
        note(outcome, deliveryId, profile);
      } catch {
        note("unavailable", deliveryId, profile); // which a handler answers by running the callbacks
      }
      if (everyMs !== undefined) await pause(everyMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** Allocates memory until the process is ended, as the kernel does. */
function allocate(): never {
  const held: string[][] = [];
  for (;;) {
    held.push(Array.from({ length: 100_000 }, (_, index) => `${index} of ${held.length}`));
    if (process.memoryUsage().rss > ALLOCATED_BYTES) process.kill(process.pid, "SIGKILL");
  }
}

/** SQLite, whose types Node 20 lacks. */
function loadSqlite(): { DatabaseSync: SqliteClass } {
  return process.getBuiltinModule("node:sqlite" as never) as never; // as Node documents it
}

interface SqliteClass {
  new (path: string): { exec: (sql: string) => void; close: () => void };
  prototype: { exec: (sql: string) => void };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

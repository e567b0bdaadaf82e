/**
 * A server with an inbox that receives, works, or both, and notes in a log what it does. Tests start it, on each runtime, and
 * end it as they like. Its one parameter is a {@link ChildConfig} in JSON.
 */
import fs from "node:fs";
import process from "node:process";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InboxOptions } from "../../src/inbox/options.ts";
import { pgBossInbox } from "../../src/inbox/pg-boss.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createWebhookHandler, type WebhookHandler } from "../../src/index.ts";
import { KEY_RECORDS } from "../fixtures/signing.ts";

/** What a child is to do. */
export interface ChildConfig {
  /** The file of the inbox. */
  readonly path: string;
  /** The URL of the Postgres that the inbox is on, if it is. */
  readonly postgres?: string | undefined;
  /** The file that it appends its notes to. */
  readonly log: string;
  readonly options?: InboxOptions;
  /** Whether it listens, on a port that it tells. */
  readonly isServing?: boolean;
  /** How it works, if it does. */
  readonly work?: {
    /** How long each attempt takes at least, in milliseconds. */
    readonly leastMs?: number;
    /** How long each attempt takes at most, in milliseconds. */
    readonly mostMs: number;
    /** The share of attempts that fails. */
    readonly failing: number;
    /** What happens to calls whose name begins so. */
    readonly poison?: Readonly<Record<string, Poison>>;
  };
  /** For how long it does nothing but hold the lock of the file, in milliseconds. */
  readonly lockMs?: number;
  /** Whether what is committed is not synced, as with `synchronous = NORMAL`: what a test must notice. */
  readonly isCareless?: boolean;
  /** Whether it ends once nothing is left unsettled; else it goes on. */
  readonly endsDrained?: boolean;
}

/** What a callback does that does harm. */
export type Poison = "throw" | "hang" | "exit" | "allocate";

/** What a note says: what became of a call that came in, that an attempt began, or how it ended. */
export interface Note {
  readonly what: "stored" | "duplicate" | "unavailable" | "began" | "ended" | "failed" | "discarded" | "killed";
  /** What the sender called it; `-` if the inbox notes what it does, which does not know that name. */
  readonly call: string;
  readonly attempt: number;
  readonly pid: number;
}

/** How much memory a process may have that allocates it for ever. */
const ALLOCATED_BYTES = 400_000_000;

const { path, postgres, log, options, isServing, work, lockMs, isCareless, endsDrained }: ChildConfig = JSON.parse(
  process.argv.at(-1) ?? "{}",
);
const file = fs.openSync(log, "a");

if (lockMs !== undefined) {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
  console.log(`ready ${process.pid} 0`);
  await pause(lockMs);
  database.exec("COMMIT");
  database.close();
  process.exit(0);
}

function note(what: Note["what"], call: string, attempt = 0): void {
  fs.writeSync(file, `${what} ${call} ${attempt} ${process.pid}\n`);
}

if (isCareless) {
  const { DatabaseSync } = loadSqlite();
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function careless(sql) {
    exec.call(this, sql.replace("synchronous = FULL", "synchronous = NORMAL"));
  };
  const files: { fdatasync: (file: number, done: (error: Error | null) => void) => void } =
    process.getBuiltinModule("node:fs");
  files.fdatasync = (_, done) => setImmediate(done, null);
}

const { inbox, close } = await openInbox({
  ...options,
  work: work !== undefined,
  onDiscarded: () => note("discarded", "-"),
});
const { receive } = inbox;
Object.assign(inbox, {
  async receive(delivery) {
    try {
      const outcome = await receive(delivery);
      note(outcome, "-");
      return outcome;
    } catch (error) {
      note("unavailable", "-"); // its callback runs at once
      throw error;
    }
  },
} satisfies Partial<typeof inbox>);

const handler = createWebhookHandler({
  account: 1234,
  inbox,
  path: "/webhooks/copernica",
  timeoutMs: 60_000,
  verify: { resolveTxt: async () => KEY_RECORDS },
  async onProfileUpdate({ parameters }, { attempt }) {
    const call = String(parameters.call);
    note("began", call, attempt);
    const poison = work?.poison?.[call.split("-")[0] ?? ""];
    if (poison === "exit") process.exit(1);
    if (poison === "hang") await new Promise(() => {});
    if (poison === "allocate") allocate();
    if (work !== undefined && work.mostMs > 0) {
      const { leastMs = 0, mostMs } = work;
      await pause(leastMs + Math.random() * (mostMs - leastMs));
    }
    if (poison === "throw" || Math.random() < (work?.failing ?? 0)) {
      note("failed", call, attempt);
      throw new Error(`No luck with ${call}.`);
    }
    note("ended", call, attempt);
  },
  onError() {},
});

console.log(`ready ${process.pid} ${isServing ? await serve(handler) : 0}`);
if (endsDrained) {
  for (;;) {
    const { available, running, retryable } = await inbox.stats();
    if (available + running + retryable === 0) break;
    await pause(20);
  }
  const stats = await inbox.stats();
  await inbox.stop();
  await close();
  console.log(`done ${JSON.stringify(stats)}`);
  process.exit(); // what hangs would keep it until it times out
} else setInterval(() => {}, 60_000); // it goes on until it is killed

/** What a runtime's own server is called with here. */
interface ServerOptions {
  readonly hostname: string;
  readonly port: number;
}

interface Runtime {
  readonly Bun?: { serve(options: ServerOptions & { readonly fetch: WebhookHandler }): { readonly port: number } };
  readonly Deno?: {
    serve(
      options: ServerOptions & { readonly onListen: () => void },
      handler: WebhookHandler,
    ): { readonly addr: { readonly port: number } };
  };
}

/** Has the runtime's own server call a handler; resolves to its port. */
async function serve(fetch: WebhookHandler): Promise<number> {
  const { Bun, Deno } = globalThis as Runtime; // each is there on its own runtime alone
  const anywhere: ServerOptions = { hostname: "127.0.0.1", port: 0 };
  if (Bun !== undefined) return Bun.serve({ ...anywhere, fetch }).port;
  if (Deno !== undefined) return Deno.serve({ ...anywhere, onListen() {} }, fetch).addr.port;
  const [{ createServer }, { toNodeHandler }] = [await import("node:http"), await import("../../src/node.ts")];
  const server = createServer(toNodeHandler(fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The system gave no port.");
  return address.port;
}

async function openInbox(all: InboxOptions): Promise<{ inbox: Inbox; close: () => Promise<void> }> {
  if (postgres === undefined) return { inbox: sqliteInbox(path, all), close: async () => {} };
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss(postgres);
  boss.on("error", (error) => console.error(error.message));
  await boss.start();
  const name = path.replace(/[^\w.-]+/g, "/").slice(-100);
  const inbox = pgBossInbox(boss, { ...all, name });
  await inbox.stats(); // it makes its queue when it is used for the first time
  return { inbox, close: () => boss.stop({ graceful: false }) };
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

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { InboxStats } from "../../src/inbox/delivery.ts";
import type { ChildConfig, Note } from "./child.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Whether this is Node, from which alone the tests of processes run: it starts the other runtimes, and itself. */
export const isNode: boolean =
  process.release.name === "node" && !("bun" in process.versions) && !("deno" in process.versions);

/** A runtime that has SQLite. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
  /** The URL of the Postgres that its inboxes are on, if they are not in files of SQLite. */
  readonly postgres?: string | undefined;
}

/** The runtimes here that have SQLite: Bun and Deno as they are installed, Node if it is new enough. */
export function runtimes(): Runtime[] {
  const node = spawnSync(process.execPath, ["-e", 'process.exit(process.getBuiltinModule("node:sqlite") ? 0 : 1)']);
  return [
    ...(node.status === 0
      ? [{ name: "Node", command: [process.execPath, "--disable-warning=ExperimentalWarning"] }]
      : []),
    { name: "Bun", command: [`${root}node_modules/.bin/bun`, "run"] },
    { name: "Deno", command: [`${root}node_modules/.bin/deno`, "run", "-A"] },
  ];
}

/** A child that was started. */
export interface Child {
  /** Resolves once it has opened its inbox, to its process id and the port that it listens on, which may be 0 for none. */
  readonly ready: Promise<{ readonly pid: number; readonly port: number }>;
  /** Resolves once it has ended, to how. */
  readonly ended: Promise<{ code: number | null; signal: string | null; output: string }>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts a child; `wrapper` is a command that runs it, as strace does. */
export function startChild(runtime: Runtime, config: ChildConfig, wrapper: readonly string[] = []): Child {
  const script = fileURLToPath(new URL("child.ts", import.meta.url));
  const { postgres } = runtime;
  const [file = "", ...parameters] = [...wrapper, ...runtime.command, script, JSON.stringify({ ...config, postgres })];
  const child: ChildProcess = spawn(file, parameters, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const killed = (): boolean => child.kill("SIGKILL");
  process.once("exit", killed);
  let output = "";
  let onReady = (_: Awaited<Child["ready"]>): void => {};
  const ready: Child["ready"] = new Promise((resolve) => {
    onReady = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
      const [, pid, port] = /ready (\d+) (\d+)\n/.exec(output) ?? [];
      if (pid !== undefined) onReady({ pid: Number(pid), port: Number(port) });
    });
  }
  const ended = once(child, "close").then(([code, signal]) => {
    process.off("exit", killed);
    onReady({ pid: 0, port: 0 }); // if it has ended before it was
    return { code, signal, output };
  });
  return { ready, ended, kill: (signal) => void child.kill(signal) };
}

/** How many deliveries of each state there were when a child ended that was to end by itself. */
export async function finalStats(child: Child): Promise<InboxStats> {
  const { code, output } = await child.ended;
  const [, stats] = /done (.*)/.exec(output) ?? [];
  if (code !== 0 || stats === undefined) throw new Error(`A process failed:\n${output}`);
  return JSON.parse(stats);
}

/** The notes of a log, in the order in which they were taken. */
export function readNotes(log: string): Note[] {
  const lines = fs.readFileSync(log, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [what, call, attempt, pid] = line.split(" ");
    if (call === undefined || pid === undefined) return [];
    return [{ what: what as Note["what"], call, attempt: Number(attempt), pid: Number(pid) }]; // as child.ts wrote it
  });
}

/** The calls that a log notes something of. */
export function callsThat(what: Note["what"], notes: readonly Note[]): Set<string> {
  return new Set(notes.flatMap((note) => (note.what === what ? [note.call] : [])));
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

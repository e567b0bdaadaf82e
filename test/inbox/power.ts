import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { callsThat, finalStats, type Runtime, readNotes, startChild } from "./children.ts";
import { acceptedOf, startSending } from "./send.ts";

/** What came of a power cut. */
export interface PowerReport {
  /** How many calls were answered 200. */
  readonly answered: number;
  /** How many answers were seen to be written to a socket. */
  readonly written: number;
  /** How many of these were written while something of the write-ahead log was not synced. */
  readonly early: number;
  /** How many deliveries that were answered for are not there any more. */
  readonly lost: number;
}

/** Whether system calls can be watched here. */
export const hasStrace: boolean = spawnSync("strace", ["-V"]).error === undefined;

/** What files are written and synced by, and what answers are written by, on any of the runtimes. */
const WATCHED = "trace=pwrite64,pwritev,fdatasync,fsync,write,writev,sendto,sendmsg";

/**
 * Watches the system calls of a server, and checks for each answer whether the delivery was synced before it was written to
 * its socket. Then it kills the process, spoils all that was written to its files after the last sync of each, as a power cut
 * may, and counts what is left.
 *
 * @param isCareless Whether SQLite is told to sync nothing when it commits, which must lose deliveries.
 */
export async function cutPower(
  runtime: Runtime,
  folder: string,
  total: number,
  isCareless = false,
): Promise<PowerReport> {
  const [path, log, trace] = [`${folder}/inbox.db`, `${folder}/log`, `${folder}/trace`];
  const wrapper = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "16", "-y", "-e", WATCHED, "-o", trace];
  const child = startChild(runtime, { path, log, isServing: true, isCareless }, wrapper);
  const { pid, port } = await child.ready;
  const sender = startSending(port, { prefix: "call", profiles: 100, connections: 16, total });
  await sender.done;
  process.kill(pid, "SIGKILL"); // to close the file in peace would sync it
  await child.ended;
  const { accepted } = acceptedOf(sender);
  const { written, early, unsynced } = readTrace(fs.readFileSync(trace, "utf8"), path);
  for (const [name, writes] of unsynced) spoil(name, writes);

  await finalStats(startChild(runtime, { path, log, work: { mostMs: 0, failing: 0 }, endsDrained: true }));
  const ended = callsThat("ended", readNotes(log));
  return {
    answered: accepted.length,
    written,
    early,
    lost: accepted.filter((call) => !ended.has(call)).length,
  };
}

/** A write to a file: where, and how long. */
interface Write {
  readonly offset: number;
  readonly length: number;
}

interface Trace extends Pick<PowerReport, "written" | "early"> {
  /** What was not synced at the end, by file. */
  readonly unsynced: ReadonlyMap<string, Write[]>;
}

/** Reads what strace wrote. */
function readTrace(text: string, path: string): Trace {
  const unsynced = new Map<string, Write[]>();
  /** The file that a thread is syncing. */
  const syncing = new Map<string, string>();
  let [written, early] = [0, 0];
  for (const line of text.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, file, length, offset] = /^pwrite64\(\d+<([^>]*)>, .*?, (\d+), (\d+)/.exec(call) ?? [];
    if (file === path || file === `${path}-wal`) {
      const writes = unsynced.get(file);
      if (writes === undefined) unsynced.set(file, [{ offset: Number(offset), length: Number(length) }]);
      else writes.push({ offset: Number(offset), length: Number(length) });
    }
    const [, synced, result] = /^(?:fsync|fdatasync)\(\d+<([^>]*)>(\) += 0| <unfinished)/.exec(call) ?? [];
    if (synced !== undefined && result === " <unfinished") syncing.set(thread, synced);
    else if (synced !== undefined) unsynced.delete(synced);
    if (/^<\.\.\. (?:fsync|fdatasync) resumed>\) += 0/.test(call)) unsynced.delete(syncing.get(thread) ?? "");
    if (call.includes('"HTTP/1.1 200')) {
      written += 1;
      if (unsynced.has(`${path}-wal`)) early += 1;
    }
  }
  return { written, early, unsynced };
}

function spoil(path: string, writes: readonly Write[]): void {
  if (!fs.existsSync(path)) return;
  const file = fs.openSync(path, "r+");
  for (const { offset, length } of writes) fs.writeSync(file, Buffer.alloc(length), 0, length, offset);
  fs.closeSync(file);
}

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { pause, type Runtime, readNotes, startChild } from "./children.ts";

/** What came of a power cut. */
export interface PowerReport {
  /** How many deliveries were answered for. */
  readonly answered: number;
  /** How many of them were answered for while something of the write-ahead log was not synced. */
  readonly early: number;
  /** How many of them are not there any more. */
  readonly lost: number;
}

/** Whether system calls can be watched here. */
export const hasStrace: boolean = spawnSync("strace", ["-V"]).error === undefined;

/**
 * Watches the system calls of a process that receives deliveries, and checks for each whether it was synced before it was
 * answered for. Then it kills the process, spoils all that was written to its files after the last sync of each, as a power
 * cut may, and counts what is left.
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
  const receive = { prefix: "call", profiles: 100, atOnce: 16, total };
  const wrapper = ["strace", "-f", "-qq", "-s", "0", "-y", "-e", "trace=pwrite64,fdatasync,fsync,write", "-o", trace];
  const child = startChild(runtime, { path, log, receive, isCareless }, wrapper);
  const pid = await child.ready;
  while (readNotes(log).length < total) await pause(100);
  process.kill(pid, "SIGKILL"); // to close the file in peace would sync it
  await child.ended;
  const { early, unsynced } = readTrace(fs.readFileSync(trace, "utf8"), path, log);
  for (const [name, writes] of unsynced) spoil(name, writes);

  const stored = readNotes(log).filter(({ what }) => what === "stored");
  const last = startChild(runtime, { path, log, work: { mostMs: 0, failing: 0 }, until: "drained" });
  const { code, output } = await last.ended;
  if (code !== 0) throw new Error(`The file can't be used after the power cut:\n${output}`);
  const ended = new Set(readNotes(log).flatMap(({ what, deliveryId }) => (what === "ended" ? [deliveryId] : [])));
  const lost = stored.filter(({ deliveryId }) => !ended.has(deliveryId)).length;
  return { answered: stored.length, early, lost };
}

/** A write to a file: where, and how long. */
interface Write {
  readonly offset: number;
  readonly length: number;
}

/** Reads what strace wrote: what was not synced, by file, when the log was written to, and at the end. */
function readTrace(text: string, path: string, log: string): { early: number; unsynced: Map<string, Write[]> } {
  const unsynced = new Map<string, Write[]>();
  /** The file that a thread is syncing. */
  const syncing = new Map<string, string>();
  let early = 0;
  for (const line of text.split("\n")) {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, written, length, offset] = /^pwrite64\(\d+<([^>]*)>, .*?, (\d+), (\d+)/.exec(call) ?? [];
    if (written === path || written === `${path}-wal`) {
      unsynced.set(written, [...(unsynced.get(written) ?? []), { offset: Number(offset), length: Number(length) }]);
    }
    const [, synced, result] = /^(?:fsync|fdatasync)\(\d+<([^>]*)>(\) += 0| <unfinished)/.exec(call) ?? [];
    if (synced !== undefined && result === " <unfinished") syncing.set(thread, synced);
    else if (synced !== undefined) unsynced.delete(synced);
    if (/^<\.\.\. (?:fsync|fdatasync) resumed>\) += 0/.test(call)) unsynced.delete(syncing.get(thread) ?? "");
    if (call.startsWith("write(") && call.includes(`<${log}>`)) {
      if (unsynced.has(`${path}-wal`)) early += 1;
    }
  }
  return { early, unsynced };
}

function spoil(path: string, writes: readonly Write[]): void {
  if (!fs.existsSync(path)) return;
  const file = fs.openSync(path, "r+");
  for (const { offset, length } of writes) fs.writeSync(file, Buffer.alloc(length), 0, length, offset);
  fs.closeSync(file);
}

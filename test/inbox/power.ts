import { spawnSync } from "node:child_process";
import fs from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { callsThat, finalStats, type Runtime, readNotes, startChild } from "./children.ts";
import { acceptedOf, CALLS_IN_BYTES, startSending } from "./send.ts";

/** What came of a power cut. */
export interface PowerReport {
  /** How many calls were answered 200. */
  readonly answered: number;
  /** How many answers were seen to be written to a socket. */
  readonly written: number;
  /** How many of these were written when the delivery was not synced yet. */
  readonly early: number;
  /** How many deliveries that were answered for are not there any more. */
  readonly lost: number;
}

/** Whether system calls can be watched here. */
export const hasStrace: boolean = spawnSync("strace", ["-V"]).error === undefined;

/** What requests are read by, files are written and synced by, and answers are written by, on any of the runtimes. */
const WATCHED = "trace=read,readv,recvfrom,recvmsg,pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg";

/** The longest page of a file, so that strace shows the whole of it. */
const SHOWN_BYTES = "4200";

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
  const wrapper = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", SHOWN_BYTES, "-y", "-e", WATCHED, "-o", trace];
  const child = startChild(runtime, { path, log, isServing: true, isCareless }, wrapper);
  const { pid, port } = await child.ready;
  const sender = startSending(port, { prefix: "call", profiles: 100, connections: 16, total });
  await sender.done;
  process.kill(pid, "SIGKILL"); // to close the file in peace would sync it
  await child.ended;
  const { accepted } = acceptedOf(sender);
  const { written, early, unsynced } = await readTrace(trace, path);
  for (const [file, writes] of unsynced) spoil(file, writes);

  await finalStats(startChild(runtime, { path, log, work: { mostMs: 0, failing: 0 }, endsDrained: true }));
  const ended = callsThat("ended", readNotes(log));
  return {
    answered: accepted.length,
    written,
    early,
    lost: accepted.filter((call) => !ended.has(call)).length,
  };
}

/** A write to a file: where, how long, and what calls are in it. */
interface Write {
  readonly offset: number;
  readonly length: number;
  readonly calls: readonly string[];
}

interface Trace extends Pick<PowerReport, "written" | "early"> {
  /** What was not synced at the end, by file. */
  readonly unsynced: ReadonlyMap<string, readonly Write[]>;
}

/**
 * Reads what strace wrote: whether each answer was written when the page of its call had been synced. Which call it is for
 * is told by what was read from its socket last.
 */
async function readTrace(trace: string, path: string): Promise<Trace> {
  const unsynced = new Map<string, Write[]>();
  const synced = new Set<string>();
  /** The calls that were read last, by socket. */
  const asked = new Map<string, string>();
  /** What threads have begun and not ended: the call of the system, and the writes that it syncs if it is that. */
  const begun = new Map<string, { readonly text: string; readonly writes: readonly Write[] }>();
  let [written, early] = [0, 0];

  function end(text: string, writes: readonly Write[]): void {
    const [, name, file = "", rest = ""] = /^(\w+)\(\d+<([^>]*)>(.*)$/s.exec(text) ?? [];
    if (name === "fsync" || name === "fdatasync") {
      if (!/\) += 0$/.test(rest)) return;
      const left = new Set(writes);
      if (writes.length > 0)
        unsynced.set(
          file,
          (unsynced.get(file) ?? []).filter((write) => !left.has(write)),
        );
      for (const { calls } of writes) for (const call of calls) synced.add(call);
    } else if (name === "pwrite64") {
      const [, length, offset] = /, (\d+), (\d+)\) += \d+$/.exec(rest) ?? [];
      if (file !== path && file !== `${path}-wal`) return;
      const write = { offset: Number(offset), length: Number(length), calls: callsIn(rest) };
      unsynced.set(file, [...(unsynced.get(file) ?? []), write]);
    } else if (name?.startsWith("re")) {
      const [call] = callsIn(rest);
      if (call !== undefined) asked.set(file, call);
    }
  }

  for await (const line of createInterface({ input: fs.createReadStream(trace) })) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    const [, resumed] = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text) ?? [];
    if (resumed !== undefined) {
      const { text: before = "", writes = [] } = begun.get(thread) ?? {};
      end(before + resumed, writes);
      continue;
    }
    const [, socket = ""] = /^\w+\(\d+<([^>]*)>/.exec(text) ?? [];
    if (text.includes('"HTTP/1.1 200')) {
      written += 1;
      if (!synced.has(asked.get(socket) ?? "")) early += 1;
    }
    const writes = [...(unsynced.get(socket) ?? [])];
    if (text.endsWith(" <unfinished ...>"))
      begun.set(thread, { text: text.slice(0, -" <unfinished ...>".length), writes });
    else end(text, writes);
  }
  return { written, early, unsynced };
}

function callsIn(text: string): string[] {
  return [...text.matchAll(CALLS_IN_BYTES)].map(([, call = ""]) => call);
}

function spoil(path: string, writes: readonly Write[]): void {
  if (!fs.existsSync(path)) return;
  const file = fs.openSync(path, "r+");
  for (const { offset, length } of writes) fs.writeSync(file, Buffer.alloc(length), 0, length, offset);
  fs.closeSync(file);
}

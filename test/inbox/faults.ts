import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";

/** What came of a fault while deliveries came in. */
export interface FaultReport {
  readonly stored: number;
  /** How many could not be stored, so that their callbacks would have run at once. */
  readonly unavailable: number;
  /** Whether deliveries were stored again after the fault, by the process that had met it. */
  readonly hasResumed: boolean;
  /** How many of those stored were not worked through in the end. */
  readonly lost: number;
}

const RECEIVE = { prefix: "call", profiles: 20, atOnce: 4, everyMs: 5 };

/** Receives while another process holds the lock of the file for a time. */
export async function meetLock(runtime: Runtime, folder: string, lockMs: number): Promise<FaultReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  return await receiveDuring(runtime, path, log, async () => {
    const { code, output } = await startChild(runtime, { path, log, lockMs }).ended;
    if (code !== 0) throw new Error(`The lock could not be held:\n${output}`);
  });
}

/** Whether file systems of a few megabytes can be made here. */
export function canMount(folder: string): boolean {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
  if (status === 0) spawnSync("umount", [folder]);
  return status === 0;
}

/** Receives until the disk is full, and after there is space again. */
export async function fillDisk(runtime: Runtime, folder: string): Promise<FaultReport> {
  const disk = `${folder}/disk`;
  fs.mkdirSync(disk);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]);
  if (status !== 0) throw new Error("No file system can be made.");
  try {
    const [path, log, filler] = [`${disk}/inbox.db`, `${folder}/log`, `${disk}/filler`];
    return await receiveDuring(runtime, path, log, async () => {
      while (fs.statfsSync(disk).bavail > 0) {
        try {
          fs.appendFileSync(filler, Buffer.alloc(64 * 1_024));
        } catch {
          break; // the disk is full, as it is to be
        }
      }
      await pause(1_500);
      fs.rmSync(filler);
    });
  } finally {
    spawnSync("umount", [disk]);
  }
}

async function receiveDuring(
  runtime: Runtime,
  path: string,
  log: string,
  fault: () => Promise<void>,
): Promise<FaultReport> {
  const receiver = startChild(runtime, { path, log, options: { concurrency: 4 }, receive: RECEIVE, work: WORK });
  await receiver.ready;
  await pause(300);
  await fault();
  const before = readNotes(log).length;
  await pause(1_500);
  const after = readNotes(log).slice(before);
  receiver.kill("SIGKILL");
  await receiver.ended;
  await finalStats(
    startChild(runtime, { path, log, options: { backoff: { firstMs: 0 } }, work: WORK, until: "drained" }),
  );

  const notes = readNotes(log);
  const stored = notes.filter(({ what }) => what === "stored");
  const ended = new Set(notes.flatMap(({ what, deliveryId }) => (what === "ended" ? [deliveryId] : [])));
  return {
    stored: stored.length,
    unavailable: notes.filter(({ what }) => what === "unavailable").length,
    hasResumed: after.some(({ what }) => what === "stored"),
    lost: stored.filter(({ deliveryId }) => !ended.has(deliveryId)).length,
  };
}

const WORK = { mostMs: 2, failing: 0 };

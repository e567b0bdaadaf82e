import fs from "node:fs";
import { pause, type Runtime, readNotes, startChild } from "./children.ts";

/** What came of killing a process again and again. */
export interface KillReport {
  /** How many deliveries were answered for. */
  readonly stored: number;
  /** Those of them that were never worked through. */
  readonly lost: readonly string[];
  /** Those that began more often than once, though no attempt of theirs was being made when a process was killed. */
  readonly twice: readonly string[];
  /** How many attempts were being made when a process was killed, and were made again. */
  readonly again: number;
}

/** How many attempts are made at once. */
const CONCURRENCY = 10;

/** Kills a process that receives and works, at random moments, and starts it again on the same file; then lets it finish. */
export async function killAgainAndAgain(runtime: Runtime, folder: string, kills: number): Promise<KillReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const options = { concurrency: CONCURRENCY, backoff: { firstMs: 0, mostMs: 0 }, attempts: 1_000 };
  const work = { mostMs: 3, failing: 0 };
  for (let kill = 0; kill < kills; kill += 1) {
    const receive = { prefix: `${kill}`, profiles: 50, atOnce: 16 };
    const child = startChild(runtime, { path, log, options, receive, work });
    await child.ready;
    await pause(Math.random() * 250);
    child.kill("SIGKILL");
    const { signal, output } = await child.ended;
    if (signal !== "SIGKILL") throw new Error(`A process ended by itself:\n${output}`);
  }
  const last = startChild(runtime, { path, log, options, work, until: "drained" });
  const { code, output } = await last.ended;
  if (code !== 0) throw new Error(`The last process failed:\n${output}`);
  fs.rmSync(path);

  const notes = readNotes(log);
  const stored = notes.filter(({ what }) => what === "stored").map(({ deliveryId }) => deliveryId);
  const ended = new Set(notes.filter(({ what }) => what === "ended").map(({ deliveryId }) => deliveryId));
  const pidsOfAttempts = new Map<string, number[]>();
  for (const { what, deliveryId, pid } of notes) {
    if (what === "began") pidsOfAttempts.set(deliveryId, [...(pidsOfAttempts.get(deliveryId) ?? []), pid]);
  }
  const repeated = [...pidsOfAttempts].filter(([, pids]) => pids.length > 1);
  // Of the attempts of a process that was killed, those that were being made then are the last of it that began: one more
  // than were made at once can't have been among them.
  const againByPid = new Map<number, number>();
  for (const [, pids] of repeated) {
    for (const pid of pids.slice(0, -1)) againByPid.set(pid, (againByPid.get(pid) ?? 0) + 1);
  }
  return {
    stored: stored.length,
    lost: stored.filter((deliveryId) => !ended.has(deliveryId)),
    twice: repeated
      .filter(
        ([, pids]) => new Set(pids).size < pids.length || pids.some((pid) => (againByPid.get(pid) ?? 0) > CONCURRENCY),
      )
      .map(([deliveryId]) => deliveryId),
    again: repeated.length,
  };
}

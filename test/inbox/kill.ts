import fs from "node:fs";
import { callsThat, finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";
import { acceptedOf, startSending } from "./send.ts";

/** What came of killing a server again and again. */
export interface KillReport {
  readonly kills: number;
  /** How many calls were answered 200. */
  readonly answered: number;
  /** How many were answered otherwise. */
  readonly refused: number;
  /** Those answered 200 that were never worked through. */
  readonly lost: readonly string[];
  /** Those that began more often than once, though no attempt of theirs was being made when a process was killed. */
  readonly twice: readonly string[];
  /** How many attempts were being made when a process was killed, and were made again. */
  readonly again: number;
}

/** How many attempts are made at once. */
const CONCURRENCY = 10;

/** How long an attempt may take: those of a process that was killed are made again after it, if it is not known to be gone. */
const LEASE_MS = 3_000;

/** Kills a server that receives and works, at random moments within `aliveMs`, and starts it again on the same inbox; then lets it finish. */
export async function killAgainAndAgain(
  runtime: Runtime,
  folder: string,
  kills: number,
  aliveMs = 500,
): Promise<KillReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const options = { concurrency: CONCURRENCY, backoff: { firstMs: 0, mostMs: 0 }, attempts: 1_000, leaseMs: LEASE_MS };
  const work = { mostMs: 3, failing: 0 };
  const answered: string[] = [];
  let refused = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const child = startChild(runtime, { path, log, options, isServing: true, work });
    const { port } = await child.ready;
    const sender = startSending(port, { prefix: `${kill}`, profiles: 50, connections: 16 });
    await pause(Math.random() * aliveMs);
    child.kill("SIGKILL");
    const { signal, output } = await child.ended;
    if (signal !== "SIGKILL") throw new Error(`A process ended by itself:\n${output}`);
    await sender.done;
    const outcome = acceptedOf(sender);
    answered.push(...outcome.accepted);
    refused += outcome.refused;
  }
  await finalStats(startChild(runtime, { path, log, options, work, endsDrained: true }));
  fs.rmSync(path, { force: true });

  const notes = readNotes(log);
  const ended = callsThat("ended", notes);
  const pidsOfAttempts = new Map<string, number[]>();
  for (const { what, call, pid } of notes) {
    if (what === "began") pidsOfAttempts.set(call, [...(pidsOfAttempts.get(call) ?? []), pid]);
  }
  const repeated = [...pidsOfAttempts].filter(([, pids]) => pids.length > 1);
  // Of the attempts of a process that was killed, those that were being made then are the last of it that began: one more
  // than were made at once can't have been among them.
  const againByPid = new Map<number, number>();
  for (const [, pids] of repeated) {
    for (const pid of pids.slice(0, -1)) againByPid.set(pid, (againByPid.get(pid) ?? 0) + 1);
  }
  return {
    kills,
    answered: answered.length,
    refused,
    lost: answered.filter((call) => !ended.has(call)),
    twice: repeated
      .filter(
        ([, pids]) => new Set(pids).size < pids.length || pids.some((pid) => (againByPid.get(pid) ?? 0) > CONCURRENCY),
      )
      .map(([call]) => call),
    again: repeated.length,
  };
}

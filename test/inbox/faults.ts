import type { Postgres } from "../fixtures/postgres.ts";
import { makeSmallDisk } from "../fixtures/small-disk.ts";
import { callsThat, finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";
import { acceptedOf, startSending } from "./send.ts";

/** What came of a fault while calls came in. */
export interface FaultReport {
  /** How many calls were answered 200. */
  readonly answered: number;
  /** How many were answered otherwise. */
  readonly refused: number;
  /** How many could not be stored, so that their callbacks ran at once. */
  readonly ranAtOnce: number;
  /** Whether deliveries were stored again after the fault, by the process that had met it. */
  readonly hasResumed: boolean;
  /** How many of those answered 200 were not worked through in the end. */
  readonly lost: number;
}

/** Receives while another process holds the lock of the file for a time. */
export async function meetLock(runtime: Runtime, folder: string, lockMs: number): Promise<FaultReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  return await receiveDuring(runtime, path, log, async () => {
    const { code, output } = await startChild(runtime, { path, log, lockMs }).ended;
    if (code !== 0) throw new Error(`The lock could not be held:\n${output}`);
  });
}

/** Receives until the disk is full, and after there is space again; undefined if no disk can be made for it. */
export async function fillDisk(runtime: Runtime, folder: string): Promise<FaultReport | undefined> {
  const disk = makeSmallDisk(folder, 24);
  if (disk === undefined) return undefined;
  try {
    return await receiveDuring(runtime, `${disk.path}/inbox.db`, `${folder}/log`, async () => {
      const makeSpace = disk.fill();
      await pause(1_500);
      makeSpace();
    });
  } finally {
    disk.remove();
  }
}

/** Receives while the server of the inbox is away for a time. */
export async function loseServer(
  runtime: Runtime,
  folder: string,
  server: Pick<Postgres, "crash" | "start">,
  awayMs: number,
): Promise<FaultReport> {
  return await receiveDuring(runtime, `${folder}/inbox`, `${folder}/log`, async () => {
    server.crash();
    await pause(awayMs);
    server.start();
  });
}

async function receiveDuring(
  runtime: Runtime,
  path: string,
  log: string,
  fault: () => Promise<void>,
): Promise<FaultReport> {
  const receiver = startChild(runtime, {
    path,
    log,
    options: { concurrency: 4, leaseMs: 3_000 },
    isServing: true,
    work: WORK,
  });
  const { port } = await receiver.ready;
  const sender = startSending(port, { prefix: "call", profiles: 20, connections: 4, everyMs: 5 });
  await pause(300);
  await fault();
  const before = readNotes(log).length;
  await pause(1_500);
  const after = readNotes(log).slice(before);
  await sender.stop();
  receiver.kill("SIGKILL");
  await receiver.ended;
  const options = { backoff: { firstMs: 0 } };
  await finalStats(startChild(runtime, { path, log, options, work: WORK, endsDrained: true }));

  const notes = readNotes(log);
  const ended = callsThat("ended", notes);
  const { accepted, refused } = acceptedOf(sender);
  return {
    answered: accepted.length,
    refused,
    ranAtOnce: notes.filter(({ what }) => what === "unavailable").length,
    hasResumed: after.some(({ what }) => what === "stored"),
    lost: accepted.filter((call) => !ended.has(call)).length,
  };
}

const WORK = { mostMs: 2, failing: 0 };

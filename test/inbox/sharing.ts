import { openConnection } from "../servers/connection.ts";
import { whole } from "../servers/messages.ts";
import { finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";
import { receive, signCall } from "./send.ts";

/** What came of the same calls coming to two processes at once. */
export interface DuplicateReport {
  /** How many calls there were. */
  readonly calls: number;
  /** How many of them both processes answered 200. */
  readonly answeredTwice: number;
  /** How many were stored, and how many told to be a duplicate. */
  readonly stored: number;
  readonly duplicates: number;
  /** How many deliveries there were to be worked through in the end. */
  readonly completed: number;
}

/** How many calls are on their way to each process. */
const AT_ONCE = 16;

/** Sends the same calls to two processes at once. */
export async function receiveTwice(runtime: Runtime, folder: string, calls: number): Promise<DuplicateReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const both = [0, 1].map(() => startChild(runtime, { path, log, isServing: true }));
  const ports = await Promise.all(both.map(async ({ ready }) => (await ready).port));
  let answeredTwice = 0;
  const sendSome = async (first: number): Promise<void> => {
    const connections = await Promise.all(ports.map(openConnection));
    for (let number = first; number < calls; number += AT_ONCE) {
      const bytes = whole(await signCall(`call-${number}`, 1 + number));
      const answers = await Promise.all(
        connections.map(async (connection) => {
          await connection.send(bytes);
          return await connection.answer();
        }),
      );
      if (answers.every((answer) => answer?.status === 200)) answeredTwice += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => sendSome(first)));
  for (const server of both) {
    server.kill("SIGKILL");
    await server.ended;
  }
  const notes = readNotes(log);
  const [stored, duplicates] = (["stored", "duplicate"] as const).map(
    (outcome) => notes.filter(({ what }) => what === outcome).length,
  );
  const work = { mostMs: 0, failing: 0 };
  const { completed } = await finalStats(startChild(runtime, { path, log, work, endsDrained: true }));
  return { calls, answeredTwice, stored: stored ?? 0, duplicates: duplicates ?? 0, completed };
}

/** What came of a process that stood still for longer than the lease of its attempt. */
export interface StandstillReport {
  /** The processes that made attempts, in order. */
  readonly pids: readonly number[];
  /** How many deliveries were completed. */
  readonly completed: number;
  /** Which attempts were made. */
  readonly attempts: readonly number[];
}

/** Lets a process stand still in the middle of an attempt, until another has taken its delivery over; then it goes on. */
export async function standStill(runtime: Runtime, folder: string): Promise<StandstillReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  await receive(runtime, { path, log }, { prefix: "call", profiles: 1, connections: 1, total: 1 });
  const options = { leaseMs: 400, backoff: { firstMs: 10, mostMs: 10 } };
  const config = { path, log, options, work: { leastMs: 200, mostMs: 200, failing: 0 }, endsDrained: true };
  const first = startChild(runtime, config);
  await untilNoted(log, "began", 1);
  first.kill("SIGSTOP");
  const second = startChild(runtime, config);
  await untilNoted(log, "ended", 1);
  first.kill("SIGCONT");
  const [, { completed }] = [await finalStats(first), await finalStats(second)];
  const began = readNotes(log).filter(({ what }) => what === "began");
  return { pids: began.map(({ pid }) => pid), completed, attempts: began.map(({ attempt }) => attempt) };
}

async function untilNoted(log: string, what: string, times: number): Promise<void> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    if (readNotes(log).filter((note) => note.what === what).length >= times) return;
    await pause(10);
  }
  throw new Error(`It was not noted ${times} times that a delivery ${what}.`);
}

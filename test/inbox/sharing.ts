import { finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";

/** What came of the same deliveries coming to two processes at once. */
export interface DuplicateReport {
  /** How many deliveries there were. */
  readonly deliveries: number;
  /** How many of them were stored once in all, and told to be a duplicate by the other process. */
  readonly once: number;
}

/** Receives the same deliveries in two processes at once. */
export async function receiveTwice(runtime: Runtime, folder: string, total: number): Promise<DuplicateReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const receive = { prefix: "call", profiles: 1, atOnce: 32, total };
  const options = { work: false };
  const both = [0, 1].map(() => startChild(runtime, { path, log, options, receive, until: "received" }));
  await Promise.all(both.map(finalStats));
  const outcomes = new Map<string, string[]>();
  for (const { what, deliveryId } of readNotes(log)) {
    outcomes.set(deliveryId, [...(outcomes.get(deliveryId) ?? []), what].sort());
  }
  const once = [...outcomes.values()].filter((all) => all.join() === "duplicate,stored").length;
  return { deliveries: outcomes.size, once };
}

/** What came of a process that stood still for longer than the lease of its attempt. */
export interface StandstillReport {
  /** The processes that made attempts, in order. */
  readonly pids: readonly number[];
  /** How many deliveries were completed. */
  readonly completed: number;
  /** Which attempt it was that completed it. */
  readonly attempts: readonly number[];
}

/** Lets a process stand still in the middle of an attempt, until another has taken its delivery over; then it goes on. */
export async function standStill(runtime: Runtime, folder: string): Promise<StandstillReport> {
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const receive = { prefix: "call", profiles: 1, atOnce: 1, total: 1 };
  await finalStats(startChild(runtime, { path, log, options: { work: false }, receive, until: "received" }));
  const options = { leaseMs: 400, backoff: { firstMs: 10, mostMs: 10 } };
  const config = { path, log, options, work: { leastMs: 200, mostMs: 200, failing: 0 }, until: "drained" } as const;
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

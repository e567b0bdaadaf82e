import fs from "node:fs";
import type { InboxOptions } from "../../src/inbox/options.ts";
import { type Child, finalStats, pause, type Runtime, readNotes, startChild } from "./children.ts";
import { receive } from "./send.ts";

/** What came of working through many deliveries of few profiles, while processes are killed. */
export interface OrderReport {
  readonly stored: number;
  readonly kills: number;
  /** How many attempts were made in all. */
  readonly attempts: number;
  /** Deliveries that began after a later one of their profile. */
  readonly inverted: readonly string[];
  /** Deliveries that began while another one of their profile was being worked on, by a process that lives. */
  readonly overlapping: readonly string[];
  /** How many deliveries ended in each state. */
  readonly completed: number;
  readonly discarded: number;
  readonly unsettled: number;
}

/** Over how many connections they come in. */
const CONNECTIONS = 64;

/** How many deliveries there are, and how often a process is killed. */
interface OrderSettings {
  readonly total: number;
  readonly profiles: number;
  readonly killEveryMs: number;
  /** After how many kills the processes are left alone; never if it is left out. */
  readonly mostKills?: number;
}

/** Works through `total` deliveries of `profiles` profiles in two processes; kills one or the other again and again. */
export async function keepOrder(runtime: Runtime, folder: string, settings: OrderSettings): Promise<OrderReport> {
  const { total, profiles, killEveryMs, mostKills } = settings;
  const [path, log] = [`${folder}/inbox.db`, `${folder}/log`];
  const sending = { prefix: "event", profiles, connections: Math.min(profiles, CONNECTIONS), total };
  const profileOf = await receive(runtime, { path, log }, sending);

  const options: InboxOptions = {
    concurrency: 2,
    attempts: 6,
    leaseMs: 1_000,
    backoff: { firstMs: 5, mostMs: 100, jitter: 0.5 },
  };
  const work = { mostMs: 0, failing: 0.3 };
  const start = (): Child => startChild(runtime, { path, log, options, work, endsDrained: true });
  let workers: readonly [Child, Child] = [start(), start()];
  let kills = 0;
  for (;;) {
    const [worker, other] = workers;
    if (kills === mostKills) {
      await worker.ended;
      break;
    }
    await worker.ready; // on a busy machine that takes longer than it lives
    await pause(killEveryMs);
    worker.kill("SIGKILL");
    const { signal } = await worker.ended;
    if (signal === null) break; // it has drained the inbox
    fs.appendFileSync(log, `killed - 0 ${(await worker.ready).pid}\n`);
    workers = [other, start()];
    kills += 1;
  }
  const { available, running, retryable, completed, discarded } = await finalStats(workers[1]);
  return { kills, completed, discarded, unsettled: available + running + retryable, ...readOrder(log, profileOf) };
}

function readOrder(
  log: string,
  profileOf: ReadonlyMap<string, number>,
): Pick<OrderReport, "stored" | "attempts" | "inverted" | "overlapping"> {
  /** The call of a profile that is being worked on, and by whom. */
  const current = new Map<number, { call: string; pid: number }>();
  const latest = new Map<number, number>();
  const killed = new Set<number>();
  const [inverted, overlapping]: [string[], string[]] = [[], []];
  let attempts = 0;
  for (const { what, call, pid } of readNotes(log)) {
    const profile = profileOf.get(call) ?? 0;
    const number = Number(call.split("-")[1]);
    if (what === "killed") killed.add(pid);
    if (what === "began") {
      attempts += 1;
      const other = current.get(profile);
      if (other !== undefined && !killed.has(other.pid)) overlapping.push(call);
      if ((latest.get(profile) ?? 0) > number) inverted.push(call);
      latest.set(profile, number);
      current.set(profile, { call, pid });
    }
    if (what === "ended" || what === "failed") current.delete(profile);
  }
  return { stored: profileOf.size, attempts, inverted, overlapping };
}

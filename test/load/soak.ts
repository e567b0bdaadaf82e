/**
 * Sends signed events to a server on each runtime, killing it in between, and prints what became of them:
 * `npm run soak -- 1000000 node bun deno`.
 */
import process from "node:process";
import { RUNTIMES, type RuntimeName, soak } from "./soaker.ts";

const DEFAULT_EVENTS = 1_000_000;
const CONNECTIONS = 16;
const KILLS = 3;

const [events = String(DEFAULT_EVENTS), ...named] = process.argv.slice(2);
const runtimes = named.length === 0 ? RUNTIMES : named.filter(isRuntime);

for (const runtime of runtimes) {
  const tally = await soak({ runtime, events: Number(events), connections: CONNECTIONS, kills: KILLS });
  const { faults, seconds, ...counts } = tally;
  console.log(`${runtime}: ${events} events over ${CONNECTIONS} connections in ${seconds.toFixed(1)} s`);
  console.table(counts);
  for (const fault of faults.slice(0, 20)) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  console.log(faults.length === 0 ? "Every event is accounted for." : `${faults.length} faults.`);
}

function isRuntime(name: string): name is RuntimeName {
  return RUNTIMES.some((runtime) => runtime === name);
}

import { floorOf } from "./lines.js";
import { startMeasured } from "./processes.js";
import { median } from "./statistics.js";

/**
 * Measures lines on a runtime, with one body. Each has a fresh process; they take turns of some milliseconds, in alternating
 * order, so that whatever else the machine does falls on all of them. That is done with several sets of processes.
 *
 * @returns For each line the median of the microseconds that an event took, and of its ratio to its floor in the same turn.
 */
export async function measureLines(runtime, names, deliveriesPath, { sets, turns }) {
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let set = 0; set < sets; set += 1) {
    const processes = [];
    // One after the other, so that each has a core of its own to warm up on.
    for (const name of names) {
      processes.push({ name, ...(await startMeasured(runtime, "measured.js", [name, deliveriesPath])) });
    }
    for (let turn = 0; turn < turns; turn += 1) {
      for (const { name, sample } of processes) samples[name].push(await sample());
      processes.reverse();
    }
    await Promise.all(processes.map(({ stop }) => stop()));
  }
  const ratio = (name, floor) => median(samples[name].map((sample, turn) => sample / samples[floor][turn]));
  return Object.fromEntries(
    names.map((name) => [
      name,
      { microseconds: median(samples[name]), ratio: ratio(name, floorOf(name)), samples: samples[name] },
    ]),
  );
}

import { floorOf } from "./lines.js";
import { startMeasured } from "./processes.js";
import { median } from "./statistics.js";

/**
 * Measures lines on a runtime, with one body. Each has a fresh process; they take turns of some milliseconds, in alternating
 * order, so that whatever else the machine does falls on all of them. That is done with several sets of processes.
 *
 * @returns For each line the median of the microseconds that an event took, and of its ratio to its floor in the same turn.
 */
export async function measureLines(runtime, names, deliveriesPath, effort) {
  const samples = await sampleInTurns(runtime, names, (name) => [name, deliveriesPath], effort);
  const ratio = (name, floor) => median(samples[name].map((sample, turn) => sample / samples[floor][turn]));
  return Object.fromEntries(
    names.map((name) => [name, { microseconds: median(samples[name]), ratio: ratio(name, floorOf(name)) }]),
  );
}

/**
 * Compares two builds of this package by a line, as {@link measureLines} compares lines.
 *
 * @param builds The paths of their index.js.
 * @returns The median of the first's time to the second's in the same turn.
 */
export async function compareBuilds(runtime, builds, name, deliveriesPath, effort) {
  const samples = await sampleInTurns(runtime, builds, (build) => [name, deliveriesPath, build], effort);
  const [ones, others] = builds.map((build) => samples[build]);
  return median(ones.map((one, turn) => one / others[turn]));
}

/** Has processes take turns; resolves to the samples of each, by its key. `parametersOf` says what each is started with. */
async function sampleInTurns(runtime, keys, parametersOf, { sets, turns }) {
  const samples = Object.fromEntries(keys.map((key) => [key, []]));
  for (let set = 0; set < sets; set += 1) {
    const processes = [];
    // One after the other, so that each has a core of its own to warm up on.
    for (const key of keys) {
      const [name, path, build] = parametersOf(key);
      processes.push({ key, ...(await startMeasured(runtime, "measured.js", [name, path], build)) });
    }
    for (let turn = 0; turn < turns; turn += 1) {
      for (const { key, sample } of processes) samples[key].push(await sample());
      processes.reverse();
    }
    await Promise.all(processes.map(({ stop }) => stop()));
  }
  return samples;
}

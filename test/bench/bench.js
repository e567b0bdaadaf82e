/**
 * `npm run bench`: measures the lines on each runtime, over HTTP too, cold starts, and the memory that is in use over half a
 * million events, in some twenty minutes. Prints what was reached, and writes it with all else to results.md, results.svg and
 * README's section on speed. With `-- --quick` it measures less of it, and writes only if `--write` is added; with `-- --against COMMIT` it only
 * compares this build with that commit's, in process.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareWith } from "./against.js";
import { chart } from "./chart.js";
import { makeDeliveries, makeUnsignedDelivery, OTHER_BODIES, SIZES } from "./deliveries.js";
import { measureHttp } from "./http.js";
import { measureLines } from "./in-process.js";
import { FLOOR, lines, OURS, OURS_SIGNED, SIGNED_FLOOR } from "./lines.js";
import { RUNTIMES, runScript, startMeasured, versionOf } from "./processes.js";
import { headline, reportOf, targetsOf } from "./report.js";
import { median } from "./statistics.js";

const quick = process.argv.includes("--quick");
const EFFORT = quick
  ? { sets: 1, turns: 7, http: { turns: 1, seconds: 1 }, starts: 3, events: 20_000, samples: 2, deliveries: 200 }
  : { sets: 1, turns: 21, http: { turns: 21, seconds: 1 }, starts: 15, events: 100_000, samples: 4, deliveries: 500 };
const COMPARISON = { sets: quick ? 1 : 2, turns: quick ? 7 : 31 };

const against = process.argv[process.argv.indexOf("--against") + 1 || process.argv.length];
/** Of larger bodies these; qs reads no more than 1,000 variables unless it is told to. */
const largeLines = [FLOOR, OURS, SIGNED_FLOOR, OURS_SIGNED];
const smallLines = quick ? largeLines : Object.keys(lines);
const otherBodies = Object.entries(OTHER_BODIES).filter(([name]) => !quick || /every value$|raw/.test(name));

const folder = mkdtempSync(join(tmpdir(), "bench-"));
const fixtures = {};
const others = {};
const [small, , large] = Object.keys(SIZES);
try {
  for (const [size, fields] of Object.entries(SIZES)) {
    const fixture = await makeDeliveries(fields, EFFORT.deliveries);
    const path = join(folder, `${fields}.json`);
    writeFileSync(path, JSON.stringify(fixture));
    fixtures[size] = { path, fixture };
  }
  for (const [name, makeBody] of otherBodies) {
    others[name] = join(folder, `${Object.keys(others).length}.json`);
    writeFileSync(others[name], JSON.stringify(makeUnsignedDelivery(makeBody())));
  }

  if (against !== undefined) {
    const accents = Object.keys(others)[0];
    const cases = {
      [`one of ${small}, unsigned`]: [OURS, fixtures[small].path],
      [`one of ${large}, unsigned`]: [OURS, fixtures[large].path],
      [accents]: [OURS, others[accents]],
      [`one of ${small}, signed`]: [OURS_SIGNED, fixtures[small].path],
    };
    await compareWith(against, cases, folder, COMPARISON);
  } else {
    await measureAll();
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Measures everything, prints what was reached, and writes it all down. */
async function measureAll() {
  const measured = {};
  for (const runtime of RUNTIMES) {
    const bySize = {};
    for (const [size, { path }] of Object.entries(fixtures)) {
      bySize[size] = await measureLines(runtime, size === small ? smallLines : largeLines, path, EFFORT);
    }
    const byBody = {};
    for (const [name, path] of Object.entries(others)) {
      byBody[name] = await measureLines(runtime, [FLOOR, OURS], path, EFFORT);
    }
    const http = await measureHttp(runtime, fixtures[small].fixture, fixtures[small].path, EFFORT.http);
    const coldStart = await measureColdStart(runtime, fixtures[small].path);
    const memory = await measureMemory(runtime, fixtures[small].path);
    measured[runtime] = { version: await versionOf(runtime), bySize, byBody, http, coldStart, memory };
    process.stderr.write(`${runtime} is measured\n`);
  }

  console.log(`${targetsOf(measured, large)}\n\n${headline(measured)}`);
  if (!quick || process.argv.includes("--write")) {
    writeFileSync(new URL("results.md", import.meta.url), reportOf(measured, large, EFFORT, quick));
    writeFileSync(new URL("results.svg", import.meta.url), chart(measured, small));
    const readme = new URL("../../README.md", import.meta.url);
    writeFileSync(
      readme,
      readFileSync(readme, "utf8").replace(/(?<=\n## Speed\n\n)(?:- .*\n)+/, () => `${headline(measured)}\n`),
    );
  }
}

/** Bytes in use after each of some rounds of events, in one process. */
async function measureMemory(runtime, path) {
  const { sample, stop } = await startMeasured(runtime, "memory.js", [path, String(EFFORT.events)]);
  const samples = [];
  for (let round = 0; round < EFFORT.samples; round += 1) samples.push(await sample());
  await stop();
  return samples;
}

/** The median milliseconds of each step of a cold start. */
async function measureColdStart(runtime, path) {
  const starts = [];
  for (let start = 0; start < EFFORT.starts; start += 1) starts.push(await runScript(runtime, "cold-start.js", [path]));
  return [0, 1, 2].map((step) => median(starts.map((steps) => steps[step])));
}

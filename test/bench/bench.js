/**
 * `npm run bench`: measures the lines on each runtime, over HTTP too, cold starts, and the memory that is in use over a million
 * events; prints a table and writes results.md and results.svg. With `--quick` it measures less often and writes nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { chart } from "./chart.js";
import { makeDeliveries, makeUnsignedDelivery, OTHER_BODIES, SIZES } from "./deliveries.js";
import { CONNECTIONS, LOAD_TOOL, measureHttp } from "./http.js";
import { measureLines } from "./in-process.js";
import { FLOOR, lines, SIGNED_FLOOR } from "./lines.js";
import { RUNTIMES, runScript, startMeasured, versionOf } from "./processes.js";
import { median } from "./statistics.js";

const quick = process.argv.includes("--quick");
const EFFORT = quick
  ? { sets: 1, turns: 15, http: { turns: 1, seconds: 1 }, starts: 3, events: 20_000, samples: 2, deliveries: 200 }
  : { sets: 2, turns: 31, http: { turns: 7, seconds: 2 }, starts: 15, events: 200_000, samples: 4, deliveries: 500 };

const OURS = "copernica-webhooks";
const OURS_SIGNED = `${OURS}, signed`;
const BY_HAND_SIGNED = "by hand: qs + zod, signed";
const allLines = Object.keys(lines);
/** Of larger bodies these; qs reads no more than 1,000 variables unless it is told to. */
const largeLines = [FLOOR, OURS, SIGNED_FLOOR, OURS_SIGNED];

const folder = mkdtempSync(join(tmpdir(), "bench-"));
try {
  const fixtures = {};
  for (const [size, fields] of Object.entries(SIZES)) {
    const fixture = await makeDeliveries(fields, EFFORT.deliveries);
    const path = join(folder, `${fields}.json`);
    writeFileSync(path, JSON.stringify(fixture));
    fixtures[size] = { path, fixture };
  }
  const [small, , large] = Object.keys(SIZES);
  const others = {};
  for (const [name, makeBody] of Object.entries(OTHER_BODIES)) {
    others[name] = join(folder, `${Object.keys(others).length}.json`);
    writeFileSync(others[name], JSON.stringify(makeUnsignedDelivery(makeBody())));
  }

  const measured = {};
  for (const runtime of RUNTIMES) {
    const bySize = {};
    for (const [size, { path }] of Object.entries(fixtures)) {
      bySize[size] = await measureLines(runtime, size === small ? allLines : largeLines, path, EFFORT);
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

  const report = reportOf(measured, small, large);
  console.log(report);
  if (!quick) {
    writeFileSync(new URL("results.md", import.meta.url), report);
    writeFileSync(new URL("results.svg", import.meta.url), chart(measured, small));
  }
} finally {
  rmSync(folder, { recursive: true });
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

function reportOf(measured, small, large) {
  const runtimes = Object.keys(measured);
  const times = (number) => `${number.toFixed(2)}×`;
  const row = (name, cells) => `| ${[name, ...cells].join(" | ")} |`;
  const table = (title, rows) =>
    [
      row(title, runtimes),
      row(
        "---",
        runtimes.map(() => "---:"),
      ),
      ...rows.map(([name, cell]) => row(name, runtimes.map(cell))),
    ].join("\n");
  const line = (size, name) => (runtime) => {
    const { microseconds, ratio } = measured[runtime].bySize[size][name];
    return `${microseconds.toFixed(1)} µs (${times(ratio)})`;
  };
  const other = (name) => (runtime) => {
    const { [FLOOR]: floor, [OURS]: ours } = measured[runtime].byBody[name];
    return `${ours.microseconds.toFixed(1)} of ${floor.microseconds.toFixed(1)} µs (${times(ours.ratio)})`;
  };
  const ratio = (of, to) => (runtime) => {
    const { [of]: numerator, [to]: denominator } = measured[runtime].bySize[small];
    return times(numerator.microseconds / denominator.microseconds);
  };
  const growth = (name) => (runtime) => {
    const { bySize } = measured[runtime];
    return times(bySize[large][name].microseconds / bySize[small][name].microseconds);
  };
  const rate = (name) => (runtime) => {
    const { rate, ratio } = measured[runtime].http[name];
    return `${Math.round(rate).toLocaleString("en-US")} (${times(ratio)})`;
  };
  const milliseconds = (step) => (runtime) => measured[runtime].coldStart[step].toFixed(1);
  const sum = (steps) => steps.reduce((total, step) => total + step, 0).toFixed(1);
  const versions = runtimes.map((runtime) => `${runtime} ${measured[runtime].version}`).join(", ");
  return `# Speed

Made by \`npm run bench\`, on ${versions}; ${cpus().length} cores of ${cpus()[0]?.model.trim()}. All lines of a table were
measured in the same run, each in fresh processes that took turns in alternating order; the figures are medians. Machines
differ: compare the ratios, not the times.

![One event of 1.4 KB](results.svg)

## What was to be reached

${table("", [
  ["unsigned, 1.4 KB, to reading and URLSearchParams (at most 1×)", ratio(OURS, FLOOR)],
  ["signed, 1.4 KB, to its floor (at most 1.5×; Bun 2×)", ratio(OURS_SIGNED, SIGNED_FLOOR)],
  ["qs + zod by hand, signed with WebCrypto, to this (at least 2×)", ratio(BY_HAND_SIGNED, OURS_SIGNED)],
  ["unsigned over HTTP, to its floor (at least 0.9×; Bun 0.8×)", (runtime) => times(measured[runtime].http.ours.ratio)],
  ["signed over HTTP, to its floor (at least 0.85×)", (runtime) => times(measured[runtime].http["ours, signed"].ratio)],
  ["import and creation (Node: at most 20 ms)", (runtime) => `${sum(measured[runtime].coldStart.slice(0, 2))} ms`],
  ["unsigned, 200 KB to 1.4 KB (at most 160×)", growth(OURS)],
])}

${Object.keys(measured[runtimes[0]].bySize)
  .map((size) => {
    const names = Object.keys(measured[runtimes[0]].bySize[size]);
    return `## One event of ${size}\n\nBehind each time its ratio to its floor: that of signed lines includes the cryptography.\n\n${table(
      "",
      names.map((name) => [name, line(size, name)]),
    )}`;
  })
  .join("\n\n")}

## Other bodies

One event each, unsigned, of 20 fields unless it says more. The floor reads the body and iterates URLSearchParams; it gets no
further, where the other line has the event in its callback's hands. The time of this, that of the floor, and the ratio.

${table(
  "",
  Object.keys(measured[runtimes[0]].byBody).map((name) => [name, other(name)]),
)}

The peers do other work: their senders sign JSON with a shared secret, which costs a fraction of an RSA signature.

## Over HTTP

Events of 1.4 KB a second from ${CONNECTIONS} connections on loopback, sent by ${LOAD_TOOL}, which takes a part of one of the cores. Each
runtime's own server: node:http through toNodeHandler, Bun.serve, Deno.serve. Behind each rate its ratio to its floor in the
same turn.

${table("", [
  ["floor: reads the body, iterates URLSearchParams", rate("floor")],
  ["copernica-webhooks", rate("ours")],
  ["signed floor: that, SHA-256 of the body, RSA of a string made before", rate("signed floor")],
  ["copernica-webhooks, signed", rate("ours, signed")],
])}

## Cold start

Milliseconds, medians of ${EFFORT.starts} processes; what the runtime itself takes to start is not in them.

${table("", [
  ["import", milliseconds(0)],
  ["creation of a handler", milliseconds(1)],
  ["the first signed event, its key looked up in memory", milliseconds(2)],
])}

## Memory

Bytes in use after each ${EFFORT.events.toLocaleString("en-US")} unsigned events of one process, in MB.

${table(
  "",
  Array.from({ length: EFFORT.samples }, (_, round) => [
    `${(EFFORT.events * (round + 2)).toLocaleString("en-US")} events`,
    (runtime) => (measured[runtime].memory[round] / 1_000_000).toFixed(1),
  ]),
)}
`;
}

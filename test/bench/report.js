import { cpus } from "node:os";
import { SIZES } from "./deliveries.js";
import { CONNECTIONS, LOAD_TOOL } from "./http.js";
import { FLOOR, OURS, OURS_SIGNED } from "./lines.js";

const [SMALL] = Object.keys(SIZES);
/** The bodies that are as databases fill them, beside the bench's own; all others are extremes. */
const isUsual = (body) => body.startsWith("accents");

const times = (number) => `${number.toFixed(2)}×`;
const row = (name, cells) => `| ${[name, ...cells].join(" | ")} |`;
function table(runtimes, title, rows) {
  const head = [row(title, runtimes), row("---", Array(runtimes.length).fill("---:"))];
  return [...head, ...rows.map(([name, cell]) => row(name, runtimes.map(cell)))].join("\n");
}

/** What each target is about: its name, how it is read of a runtime, its bound on each, and whether that is the most or the least. */
const TARGETS = [
  ["in process, unsigned, bodies of fields, the slowest of them", usualRatio, { node: 1, bun: 1.1, deno: 1 }, "most"],
  [
    "in process, unsigned, extreme bodies, the slowest of them",
    extremeRatio,
    { node: 1.3, bun: 1.3, deno: 1.3 },
    "most",
  ],
  ["in process, signed", ({ bySize }) => bySize[SMALL][OURS_SIGNED].ratio, { node: 1.4, bun: 1.4, deno: 1.4 }, "most"],
  ["over HTTP, unsigned", ({ http }) => http.ours.ratio, { node: 0.9, bun: 0.8, deno: 0.9 }, "least"],
  ["over HTTP, signed", ({ http }) => http["ours, signed"].ratio, { node: 0.85, bun: 0.85, deno: 0.85 }, "least"],
];

function usualRatio({ bySize, byBody }) {
  const bodies = Object.keys(byBody).filter(isUsual);
  return Math.max(bySize[SMALL][OURS].ratio, ...bodies.map((body) => byBody[body][OURS].ratio));
}

function extremeRatio({ byBody }) {
  const bodies = Object.keys(byBody).filter((body) => !isUsual(body));
  return Math.max(...bodies.map((body) => byBody[body][OURS].ratio));
}

/** Milliseconds that import and creation may take, on Node. */
const MOST_START_MS = 20;

/** What was to be reached, and whether it was, as a table. */
export function targetsOf(measured, large) {
  const verdict = (holds) => (holds ? "held" : "**missed**");
  const rows = TARGETS.map(([name, read, bounds, kind]) => {
    const bound = [...new Set(Object.values(bounds))].map(times).join(" or ");
    return [
      `${name} (at ${kind} ${bound})`,
      (runtime) => {
        const ratio = read(measured[runtime]);
        // As they are printed: a bound of 1.00 holds for what reads 1.00.
        const difference = Math.round(100 * ratio) - Math.round(100 * bounds[runtime]);
        return `${times(ratio)} ${verdict(kind === "most" ? difference <= 0 : difference >= 0)}`;
      },
    ];
  });
  const start = (runtime) => measured[runtime].coldStart[0] + measured[runtime].coldStart[1];
  const growth = ({ bySize }) => bySize[large][OURS].microseconds / bySize[SMALL][OURS].microseconds;
  return table(Object.keys(measured), "", [
    ...rows,
    [
      `import and creation (Node: at most ${MOST_START_MS} ms)`,
      (runtime) =>
        `${start(runtime).toFixed(1)} ms${runtime === "node" ? ` ${verdict(start(runtime) <= MOST_START_MS)}` : ""}`,
    ],
    [`unsigned, ${large} to ${SMALL}`, (runtime) => times(growth(measured[runtime]))],
  ]);
}

/** The three lines that README has. */
export function headline(measured) {
  const names = { node: "Node", bun: "Bun", deno: "Deno" };
  const each = (read) =>
    Object.entries(measured)
      .map(([runtime, figures]) => `${read(figures).toFixed(2)} on ${names[runtime]}`)
      .join(", ");
  return [
    `- An event of ${SMALL} takes, against reading it into \`URLSearchParams\`: ${each(({ bySize }) => bySize[SMALL][OURS].ratio)}.`,
    `- Verified, against that, SHA-256 and RSA alone: ${each(({ bySize }) => bySize[SMALL][OURS_SIGNED].ratio)}.`,
    `- Events a second over HTTP, verified, against a server of that alone: ${each(({ http }) => http["ours, signed"].ratio)}.`,
  ].join("\n");
}

/** The whole report, in Markdown. */
export function reportOf(measured, large, effort, quick) {
  const runtimes = Object.keys(measured);
  const line = (size, name) => (runtime) => {
    const { microseconds, ratio } = measured[runtime].bySize[size][name];
    return `${microseconds.toFixed(1)} µs (${times(ratio)})`;
  };
  const other = (name) => (runtime) => {
    const { [FLOOR]: floor, [OURS]: ours } = measured[runtime].byBody[name];
    return `${ours.microseconds.toFixed(1)} of ${floor.microseconds.toFixed(1)} µs (${times(ours.ratio)})`;
  };
  const rate = (name) => (runtime) => {
    const { rate, ratio } = measured[runtime].http[name];
    return `${Math.round(rate).toLocaleString("en-US")} (${times(ratio)})`;
  };
  const milliseconds = (step) => (runtime) => measured[runtime].coldStart[step].toFixed(1);
  const versions = runtimes.map((runtime) => `${runtime} ${measured[runtime].version}`).join(", ");
  return `# Speed

Made by \`npm run bench${quick ? " -- --quick" : ""}\`, on ${versions}; ${cpus().length} cores of ${cpus()[0]?.model.trim()}. All lines of a table were
measured in the same run, each in fresh processes that took turns in alternating order; the figures are medians. Machines
differ: compare the ratios, not the times.

![One event of 1.4 KB](results.svg)

## What was to be reached

Times are ratios to the floor, and rates too. Of the floors: one reads the body and iterates URLSearchParams; that of what is
signed also hashes the body and verifies an RSA signature of a string that was made before, with the runtime's fastest
cryptography.

${targetsOf(measured, large)}

## In three lines

${headline(measured)}

${Object.keys(measured[runtimes[0]].bySize)
  .map((size) => {
    const names = Object.keys(measured[runtimes[0]].bySize[size]);
    return `## One event of ${size}\n\nBehind each time its ratio to its floor: that of signed lines includes the cryptography.\n\n${table(
      runtimes,
      "",
      names.map((name) => [name, line(size, name)]),
    )}`;
  })
  .join("\n\n")}

## Other bodies

One event each, unsigned, of 20 fields unless it says more. The floor reads the body and iterates URLSearchParams; it gets no
further, where the other line has the event in its callback's hands. The time of this, that of the floor, and the ratio.

${table(
  runtimes,
  "",
  Object.keys(measured[runtimes[0]].byBody).map((name) => [name, other(name)]),
)}

The peers do other work: their senders sign JSON with a shared secret, which costs a fraction of an RSA signature.

## Over HTTP

Events of 1.4 KB a second from ${CONNECTIONS} connections on loopback, sent by ${LOAD_TOOL}, which takes a part of one of the cores. Each
runtime's own server: node:http through toNodeHandler, Bun.serve, Deno.serve. Behind each rate its ratio to its floor in the
same turn.

${table(runtimes, "", [
  ["floor: reads the body, iterates URLSearchParams", rate("floor")],
  ["copernica-webhooks", rate("ours")],
  ["signed floor: that, SHA-256 of the body, RSA of a string made before", rate("signed floor")],
  ["copernica-webhooks, signed", rate("ours, signed")],
])}

## Cold start

Milliseconds, medians of ${effort.starts} processes; what the runtime itself takes to start is not in them.

${table(runtimes, "", [
  ["import", milliseconds(0)],
  ["creation of a handler", milliseconds(1)],
  ["the first signed event, its key looked up in memory", milliseconds(2)],
])}

## Memory

Bytes in use after each ${effort.events.toLocaleString("en-US")} unsigned events of one process, in MB.

${table(
  runtimes,
  "",
  Array.from({ length: effort.samples }, (_, round) => [
    `${(effort.events * (round + 2)).toLocaleString("en-US")} events`,
    (runtime) => (measured[runtime].memory[round] / 1_000_000).toFixed(1),
  ]),
)}
`;
}

/**
 * Loaded into a server under test before its example, whose callbacks print: printing fails, or never ends, if the event asks
 * for it. And the 30 s that callbacks may take pass within a moment, the 10 s that a body may take within a few.
 */
const PASSING: Readonly<Record<number, number>> = { 30000: 250, 10000: 3_000 };

const { log } = console;
console.log = (...values: unknown[]): unknown => {
  const printed = values.join(" ");
  if (printed.includes('"outcome":"fail"')) throw new Error("The disk is full at /var/secret.");
  if (printed.includes('"outcome":"hang"')) return new Promise(() => {});
  return log(...values);
};

const start = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  (act: () => void, milliseconds = 0) => start(act, PASSING[milliseconds] ?? milliseconds),
  start,
);

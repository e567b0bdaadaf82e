/**
 * A measured process: has one line take events of one body. For each line that it reads from its input it takes events for
 * some milliseconds, and prints how many microseconds one took.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { URL_CALLED } from "./deliveries.js";
import { lines } from "./lines.js";

/** Long enough for every engine to have compiled what it will: less of it measures the compiler. */
const WARM_UP_MS = 1_500;
const SAMPLE_MS = 50;

const [name, deliveriesPath] = process.argv.slice(2);
const fixture = JSON.parse(readFileSync(deliveriesPath, "utf8"));
const { handle, headers, body = fixture.body } = await lines[name](fixture);
const bytes = new TextEncoder().encode(body);
const { deliveries } = fixture;
/** How many requests are made ahead: few, as in a server, since those that wait cost the garbage collector time. */
const ahead = bytes.length > 100_000 ? 2 : 16;
let next = 0;

function makeRequest() {
  if (next === deliveries.length) next = 0;
  const delivery = deliveries[next++];
  return new Request(URL_CALLED, { method: "POST", headers: headers ?? delivery.headers, body: bytes });
}

/** Handles a few requests, one after the other; making them takes none of the time. */
async function handleFew() {
  const requests = Array.from({ length: ahead }, makeRequest);
  const start = performance.now();
  for (const request of requests) {
    const { status } = await handle(request);
    if (status !== 200) throw new Error(`${name}: an event was answered ${status}.`);
  }
  return performance.now() - start;
}

async function takeSample(milliseconds) {
  let elapsed = 0;
  let events = 0;
  while (elapsed < milliseconds) {
    elapsed += await handleFew();
    events += ahead;
  }
  return (elapsed / events) * 1_000;
}

// Made first, since to load what reads the input undoes some of what was compiled.
const turns = createInterface({ input: process.stdin });
await takeSample(WARM_UP_MS);
console.log("ready");
for await (const _ of turns) console.log(await takeSample(SAMPLE_MS));

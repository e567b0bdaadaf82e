/**
 * A measured process: for each line that it reads it takes a number of events, and prints how many bytes are in use then,
 * after a garbage collection.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { FORM, URL_CALLED } from "./deliveries.js";
import { sdkUnsigned } from "./sdk.js";

const [deliveriesPath, events] = process.argv.slice(2);
const { body } = JSON.parse(readFileSync(deliveriesPath, "utf8"));
const { handle } = sdkUnsigned();

async function takeEvents() {
  for (let event = 0; event < Number(events); event += 1) {
    await handle(new Request(URL_CALLED, { method: "POST", headers: { "content-type": FORM }, body }));
    // As in a server: what only goes away between two turns of the event loop must get the chance to.
    if (event % 1_000 === 0) await setTimeout(0);
  }
}

async function bytesInUse() {
  for (let turn = 0; turn < 3; turn += 1) {
    if (globalThis.Bun) globalThis.Bun.gc(true);
    else globalThis.gc();
    await setTimeout(20);
  }
  return process.memoryUsage().heapUsed;
}

await takeEvents();
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  await takeEvents();
  console.log(await bytesInUse());
}

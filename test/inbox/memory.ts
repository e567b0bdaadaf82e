/**
 * Run by a runtime that has SQLite, with a folder and numbers of deliveries in ascending order: has a handler receive and work
 * through as many, removing what is done after a second, and prints the memory that the process has after each number.
 */
import process from "node:process";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createWebhookHandler } from "../../src/index.ts";
import { encodeForm, samples } from "../../src/testing.ts";

/** The memory of a process that has worked through so many deliveries. */
export interface MemoryReport {
  readonly deliveries: number;
  readonly residentMb: number;
  readonly perSecond: number;
}

/** How many deliveries are on their way at once. */
const AT_ONCE = 64;

/** How many profiles they are about. */
const PROFILES = 5_000;

const [folder = "", ...milestones] = process.argv.slice(
  process.argv.findIndex((parameter) => parameter.endsWith("memory.ts")) + 1,
);
const inbox = sqliteInbox(`${folder}/inbox.db`, { keep: { completedMs: 1_000 } });
const handler = createWebhookHandler({ inbox, verify: false, onProfileUpdate() {}, onWarning() {} });
const began = performance.now();
let received = 0;

async function receiveUntil(milestone: number): Promise<void> {
  while (received < milestone) {
    received += 1;
    const body = encodeForm({ ...samples["profile.update"], profile: 1 + (received % PROFILES) });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status } = await handler(new Request("https://example.com/", { method: "POST", headers, body }));
    if (status !== 200) throw new Error(`A call was answered ${status}.`);
  }
}

for (const milestone of milestones.map(Number)) {
  await Promise.all(Array.from({ length: AT_ONCE }, () => receiveUntil(milestone)));
  await inbox.drain();
  const report: MemoryReport = {
    deliveries: received,
    residentMb: Math.round(process.memoryUsage().rss / 1_024 ** 2),
    perSecond: Math.round(received / ((performance.now() - began) / 1_000)),
  };
  console.log(JSON.stringify(report));
}
await inbox.stop();

/**
 * A process that starts cold: prints how many milliseconds it took to import the package, to create a handler, and to answer
 * the first signed event, of those in the file that its parameter names.
 */
import { readFileSync } from "node:fs";
import { ACCOUNT, URL_CALLED } from "./deliveries.js";

const { keyId, records, sentAt, body, deliveries } = JSON.parse(readFileSync(process.argv[2], "utf8"));

const start = performance.now();
const { createWebhookHandler } = await import("../../dist/index.js");
const imported = performance.now();
const handler = createWebhookHandler({
  account: ACCOUNT,
  verify: { clock: () => sentAt, resolveTxt: async (name) => (name === keyId ? records : []) },
  onProfileCreate() {},
});
const created = performance.now();
const { status } = await handler(new Request(URL_CALLED, { method: "POST", headers: deliveries[0].headers, body }));
const answered = performance.now();
if (status !== 200) throw new Error(`The first event was answered ${status}.`);

console.log(JSON.stringify([imported - start, created - imported, answered - created]));

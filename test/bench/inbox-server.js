/**
 * A server of the runtime that it runs on, for calls of Copernica's that are signed. Its parameters: `stored`, to store what
 * it verified and work through it; `received`, to store it only; `plain`, to have no inbox. Then the file of the inbox, and
 * the file with the key and the time of the signatures. It prints its port once it listens and, for each line that it is sent,
 * how many deliveries it has stored, once it has worked through them if it works.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { sqliteInbox } from "../../dist/inbox/sqlite.js";
import { createWebhookHandler } from "../../dist/index.js";
import { toNodeHandler } from "../../dist/node.js";
import { ACCOUNT } from "./deliveries.js";

const [does, path, fixturePath] = process.argv.slice(2);
const { keyId, records, sentAt } = JSON.parse(readFileSync(fixturePath, "utf8"));
const inbox = does === "plain" ? undefined : sqliteInbox(path, { work: does === "stored" });
const handler = createWebhookHandler({
  account: ACCOUNT,
  verify: { clock: () => sentAt, resolveTxt: async (name) => (name === keyId ? records : []) },
  onProfileCreate() {},
  ...(inbox && { inbox }),
});

console.log(await listen());
for await (const _ of createInterface({ input: process.stdin })) {
  if (does === "stored") await inbox.drain();
  const { available, running, retryable, completed } = (await inbox?.stats()) ?? {};
  console.log(available + running + retryable + completed);
}

async function listen() {
  if (globalThis.Bun) return globalThis.Bun.serve({ port: 0, fetch: (request) => handler(request) }).port;
  if (globalThis.Deno)
    return globalThis.Deno.serve({ port: 0, onListen() {} }, (request) => handler(request)).addr.port;
  const server = createServer(toNodeHandler(handler)).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  return server.address().port;
}

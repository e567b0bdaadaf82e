/** A process that receives three deliveries into an inbox on Postgres, works on the first, and fails. Its one parameter is the URL. */
import process from "node:process";
import { PgBoss } from "pg-boss";
import { pgBossInbox } from "../../src/inbox/pg-boss.ts";

const boss = new PgBoss(process.argv.at(-1) ?? "");
boss.on("error", console.error);
await boss.start();
const inbox = pgBossInbox(boss, { work: false, attempts: 1 });
const receive = (deliveryId: string, event: string) => {
  return inbox.receive({
    deliveryId,
    receivedAt: new Date(),
    url: "https://example.com/copernica",
    headers: new Headers({ "content-type": "application/x-www-form-urlencoded", "x-copernica-id": "account_1234" }),
    body: new TextEncoder().encode(`type=${event}&parameters%5Bemail%5D=sanne%40example.com`),
    event: { name: event },
  });
};
await receive("d-1", "click");
inbox.work(
  async () => {
    throw new Error("No luck.");
  },
  { timeoutMs: 10_000 },
);
await inbox.drain();
await receive("d-2", "open");
await receive("d-3", "bounce");
await inbox.stop();
await boss.stop({ graceful: false });
process.exit(0);

/**
 * Processes that share an inbox on Postgres: some receive, others work, as many as you like and on any machine. From Node
 * 22.18 on `node examples/inbox-pg-boss.ts receive` and `node examples/inbox-pg-boss.ts work`
 */
import { createServer } from "node:http";
import { createWebhookHandler } from "copernica-webhooks";
import { pgBossInbox } from "copernica-webhooks/inbox/pg-boss";
import { toNodeHandler } from "copernica-webhooks/node";
import { PgBoss } from "pg-boss";

const isReceiver = process.argv[2] === "receive";

const boss = new PgBoss(process.env.DATABASE_URL ?? "postgres://localhost/postgres");
boss.on("error", console.error);
await boss.start();

const inbox = pgBossInbox(boss, { work: !isReceiver, concurrency: 20 });
const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  inbox,
  async onProfileCreate(event, { deliveryId, signal }) {
    const response = await fetch(`${process.env.CRM_URL}/profiles/${event.profile}`, {
      method: "PUT",
      headers: { "content-type": "application/json", "idempotency-key": deliveryId },
      body: JSON.stringify(event.fields),
      signal,
    });
    if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // it is tried again
  },
});

async function stop(): Promise<void> {
  await inbox.stop({ graceMs: 10_000 }); // what runs may end, the other workers take the rest
  await boss.stop();
  process.exit();
}

if (isReceiver) {
  const server = createServer(toNodeHandler(handler));
  server.listen(process.env.PORT ?? 3000, () => console.log("Listening on", JSON.stringify(server.address())));
  process.once("SIGTERM", () => {
    server.close(stop);
    setInterval(() => server.closeIdleConnections(), 100).unref(); // close() waits for those that clients keep open
  });
} else {
  console.log("Working");
  process.once("SIGTERM", stop);
}

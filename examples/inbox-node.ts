/** A receiver on Node that loses nothing, whose deploys let callbacks end: from Node 22.18 on `node examples/inbox-node.ts` */
import { createServer } from "node:http";
import { createWebhookHandler } from "copernica-webhooks";
import { DiscardError } from "copernica-webhooks/inbox";
import { sqliteInbox } from "copernica-webhooks/inbox/sqlite";
import { toNodeHandler } from "copernica-webhooks/node";

const inbox = sqliteInbox(process.env.INBOX ?? "inbox.db");
const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  inbox,
  async onProfileCreate(event, { deliveryId, signal }) {
    const response = await fetch(`${process.env.CRM_URL}/contacts`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": deliveryId },
      body: JSON.stringify(event.fields),
      signal,
    });
    if (response.status === 422) throw new DiscardError(`The CRM refuses profile ${event.profile}.`);
    if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // it is tried again
  },
});

const server = createServer(toNodeHandler(handler));
server.listen(process.env.PORT ?? 3000, () => console.log("Listening on", JSON.stringify(server.address())));

process.once("SIGTERM", () => {
  server.close(async () => {
    await inbox.stop({ graceMs: 10_000 });
    process.exit();
  });
  setInterval(() => server.closeIdleConnections(), 100).unref(); // close() waits for those that clients keep open
});

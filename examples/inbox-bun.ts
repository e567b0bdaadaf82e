/** A receiver on Bun that loses nothing, whose deploys let callbacks end: from Bun 1.4 on `bun examples/inbox-bun.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { DiscardError } from "copernica-webhooks/inbox";
import { sqliteInbox } from "copernica-webhooks/inbox/sqlite";

const inbox = sqliteInbox(Bun.env.INBOX ?? "inbox.db");
const handler = createWebhookHandler({
  account: Bun.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  inbox,
  async onProfileCreate(event, { deliveryId, signal }) {
    const response = await fetch(`${Bun.env.CRM_URL}/contacts`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": deliveryId },
      body: JSON.stringify(event.fields),
      signal,
    });
    if (response.status === 422) throw new DiscardError(`The CRM refuses profile ${event.profile}.`);
    if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // it is tried again
  },
});

const server = Bun.serve({ port: Bun.env.PORT ?? 3000, fetch: handler });
console.log(`Listening on ${server.url}`);

process.once("SIGTERM", async () => {
  await server.stop();
  await inbox.stop({ graceMs: 10_000 });
  process.exit();
});

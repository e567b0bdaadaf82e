/**
 * A receiver on Deno that loses nothing, whose deploys let callbacks end: from Deno 2.2 on
 * `deno run --allow-net --allow-env --allow-read --allow-write examples/inbox-deno.ts`
 */
import { createWebhookHandler } from "copernica-webhooks";
import { DiscardError } from "copernica-webhooks/inbox";
import { sqliteInbox } from "copernica-webhooks/inbox/sqlite";

const inbox = sqliteInbox(Deno.env.get("INBOX") ?? "inbox.db");
const handler = createWebhookHandler({
  account: Deno.env.get("COPERNICA_ACCOUNT"), // account_1234
  path: "/webhooks/copernica",
  inbox,
  async onProfileCreate(event, { deliveryId, signal }) {
    const response = await fetch(`${Deno.env.get("CRM_URL")}/contacts`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": deliveryId },
      body: JSON.stringify(event.fields),
      signal,
    });
    if (response.status === 422) throw new DiscardError(`The CRM refuses profile ${event.profile}.`);
    if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // it is tried again
  },
});

const server = Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, handler);

Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await inbox.stop({ graceMs: 10_000 });
  Deno.exit();
});

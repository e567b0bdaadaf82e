/** A receiver in a Hono app, here on Node: `npx tsx examples/hono.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { Hono } from "hono";
import { serve } from "srvx";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const app = new Hono();
app.all("/webhooks/copernica", (context) => handler(context.req.raw));

serve({ port: process.env.PORT ?? 3000, fetch: app.fetch });

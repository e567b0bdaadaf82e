/** A receiver on Deno: `deno run --allow-net --allow-env examples/deno.ts` */
import { createWebhookHandler } from "copernica-webhooks";

const handler = createWebhookHandler({
  account: Deno.env.get("COPERNICA_ACCOUNT"), // account_1234
  path: "/webhooks/copernica",
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, handler);

/** A receiver on Node, through srvx: `npx tsx examples/node.ts`, from Node 22 on `node examples/node.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { serve } from "srvx";

const account = process.env.COPERNICA_ACCOUNT; // account_1234
const handler = createWebhookHandler({
  ...(account && { account }), // without it, anybody can post
  path: "/webhooks/copernica",
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

serve({ port: process.env.PORT ?? 3000, fetch: handler });

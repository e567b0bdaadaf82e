/** A receiver on Bun: `bun examples/bun.ts` */
import { createWebhookHandler } from "copernica-webhooks";

const handler = createWebhookHandler({
  account: Bun.env.COPERNICA_ACCOUNT, // account_1234
  path: "/webhooks/copernica",
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const server = Bun.serve({ port: Bun.env.PORT ?? 3000, fetch: handler });
console.log(`Listening on ${server.url}`);

/** A receiver on Bun: `bun examples/bun.ts` */
import { createWebhookHandler } from "copernica-webhooks";

const account = Bun.env.COPERNICA_ACCOUNT; // account_1234
const handler = createWebhookHandler({
  ...(account && { account }), // without it, anybody can post
  path: "/webhooks/copernica",
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const server = Bun.serve({ port: Bun.env.PORT ?? 3000, fetch: handler });
console.log(`Listening on ${server.url}`);

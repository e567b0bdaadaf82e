/** A receiver in a Nitro app, as its file `routes/webhooks/copernica.post.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { defineHandler } from "nitro/h3";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

export default defineHandler((event) => handler(event.req));

/** A receiver in an h3 app, here on Node: `npx tsx examples/h3.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { H3, serve } from "h3";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const app = new H3();
app.all("/webhooks/copernica", (event) => handler(event.req));

serve(app, { port: process.env.PORT ?? 3000 });

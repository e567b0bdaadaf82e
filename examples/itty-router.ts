/** A receiver in an itty-router app, here on Node: `npx tsx examples/itty-router.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { error, Router } from "itty-router";
import { serve } from "srvx";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

const router = Router();
router.all("/webhooks/copernica", handler).all("*", () => error(404));

serve({ port: process.env.PORT ?? 3000, fetch: router.fetch });

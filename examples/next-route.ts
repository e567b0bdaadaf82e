/** A receiver in a Next app, as its route handler `app/webhooks/copernica/route.ts` */
import { createWebhookHandler } from "copernica-webhooks";

export const POST = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234; next build needs it too
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

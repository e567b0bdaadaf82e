/** A receiver in a Next app with a pages router, as its API route `pages/api/copernica.ts` */
import { createWebhookHandler } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";

// Next would read the body.
export const config = { api: { bodyParser: false } };

export default toNodeHandler(
  createWebhookHandler({
    account: process.env.COPERNICA_ACCOUNT, // account_1234; next build needs it too
    onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
    onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
  }),
);

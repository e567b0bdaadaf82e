/**
 * A receiver in a SvelteKit app, as its file `src/routes/webhooks/copernica/+server.ts`. SvelteKit answers forms from elsewhere
 * with 403 unless its configuration says `kit: { csrf: { trustedOrigins: ["*"] } }`
 */
import { createWebhookHandler } from "copernica-webhooks";

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234; vite build needs it too
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

export const POST = ({ request }: { readonly request: Request }): Promise<Response> => handler(request);

/**
 * A receiver in an Astro app, as its endpoint `src/pages/webhooks/copernica.ts`. Astro answers forms from elsewhere with 403
 * unless its configuration says `security: { checkOrigin: false }`
 */
import { createWebhookHandler } from "copernica-webhooks";

export const prerender = false;

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

export const POST = ({ request }: { readonly request: Request }): Promise<Response> => handler(request);

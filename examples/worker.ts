/** A receiver as a Cloudflare Worker; COPERNICA_ACCOUNT and the queue EVENTS are bindings, in its wrangler.json. */
import { createWebhookHandler, type WebhookHandler } from "copernica-webhooks";

interface Env {
  readonly COPERNICA_ACCOUNT: string; // account_1234
  readonly EVENTS: { send(message: unknown): Promise<unknown> };
}
type Platform = [env: Env, context: { waitUntil(work: Promise<unknown>): void }];

let handler: WebhookHandler<Platform> | undefined;

function createHandler({ COPERNICA_ACCOUNT: account }: Env): WebhookHandler<Platform> {
  return createWebhookHandler({
    account,
    path: "/webhooks/copernica",
    onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
    onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
    onEvent: (event, { platform: [env] }) => env.EVENTS.send(event.raw),
  });
}

export default {
  async fetch(request: Request, ...platform: Platform): Promise<Response> {
    handler ??= createHandler(platform[0]);
    return await handler(request, ...platform);
  },
};

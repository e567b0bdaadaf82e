import { createWebhookHandler, database, type WebhookCallbacks, type WebhookEvent } from "copernica-webhooks";
import { email, integer } from "copernica-webhooks/fields";
import { createTestCopernica, samples } from "copernica-webhooks/testing";

/** What a program of a user's exports; a compiler that writes declarations must be able to name all of it. */
export const route = database(12, {
  fields: { email: email() },
  onProfileUpdate: (event) => event.fields.email?.toLowerCase(),
});
export const callbacks: WebhookCallbacks = { onClick: (event) => event.ip };
export const describe = (event: WebhookEvent<"click" | "open">) => `${event.name} from ${event.ip}`;
export const unsigned = createWebhookHandler({ databases: [route], ...callbacks, onWarning: () => {} });

/** Signs an event, receives it, and tells what came of it. */
export async function receive(): Promise<string> {
  const seen: string[] = [];
  const copernica = await createTestCopernica({ account: 1234 });
  const handler = createWebhookHandler({
    account: 1234,
    verify: { resolveTxt: copernica.resolveTxt },
    onProfileCreate(event, context) {
      seen.push(`profile ${event.profile.toFixed()}`, typeof context.deliveryId);
    },
    databases: [database(13, { fields: { age: integer() }, onProfileCreate: (event) => event.fields.age?.toFixed() })],
  });
  const genuine = await copernica.request(samples["profile.create"]);
  const body = (await genuine.clone().text()).replace("profile=4211", "profile=4212");
  const forged = new Request(genuine, { body, method: "POST" });
  seen.push(String((await handler(forged)).status), String((await handler(genuine)).status));
  return seen.join(", ");
}

/** Types that became `any` would let these pass. */
export function wrong(event: WebhookEvent): void {
  // @ts-expect-error: a misspelled callback
  createWebhookHandler({ onProfileCreat: () => {} });
  // @ts-expect-error: not every event has a profile
  event.profile.toFixed();
  // @ts-expect-error: a number
  if (event.name === "profile.create") event.profile.toLowerCase();
}

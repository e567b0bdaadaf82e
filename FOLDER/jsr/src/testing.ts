/**
 * For the tests of a receiver: calls signed exactly as Copernica signs them, with a key pair made on the spot, and samples of
 * every event. Uses WebCrypto alone, so it works on every runtime.
 *
 * @example
 * ```ts
 * import { createWebhookHandler } from "copernica-webhooks";
 * import { createTestCopernica, samples } from "copernica-webhooks/testing";
 *
 * const copernica = await createTestCopernica({ account: 1234 });
 * const handler = createWebhookHandler({
 *   account: 1234,
 *   verify: { resolveTxt: copernica.resolveTxt },
 *   onProfileCreate(event) { console.log(event.fields.email); },
 * });
 *
 * const response = await handler(await copernica.request(samples["profile.create"]));
 * console.log(response.status); // 200
 * ```
 *
 * @module
 */

export type { EventVariables } from "./events/event.ts";
export type { EventName } from "./events/map.ts";
export { samples } from "./events/samples.ts";
export { encodeForm, type Variables, type VariableValue } from "./form/encode.ts";
export type { ResolveTxt, TxtAnswer, TxtRecords } from "./signature/dns.ts";
export {
  type CallOptions,
  createTestCopernica,
  type TestCopernica,
  type TestCopernicaOptions,
} from "./testing/copernica.ts";

/**
 * Receives Copernica's webhooks as typed events from verified senders, wherever there is `fetch`: on Bun, Deno, Node and
 * Workers. The types of fields are in `copernica-webhooks/fields`, a sender of signed events for tests in
 * `copernica-webhooks/testing`.
 *
 * @example
 * ```ts
 * import { createWebhookHandler } from "copernica-webhooks";
 *
 * export default {
 *   fetch: createWebhookHandler({
 *     account: 1234,
 *     onProfileCreate(event) { console.log(event.profile, event.fields.email); },
 *     onSubprofileCreate(event) { console.log(event.subprofile, event.collection); },
 *   }),
 * };
 * ```
 *
 * @module
 */

export type { InboxContext, WebhookContext } from "./context.ts";
export {
  type Fault,
  HttpError,
  InvalidOptionError,
  RequestError,
  type RequestErrorCode,
  WebhookError,
} from "./errors.ts";
export { InvalidEventError } from "./events/error.ts";
export type { EventFor, UnknownEvent, WebhookEvent } from "./events/event.ts";
export type { CallbackName, EventName, Events } from "./events/map.ts";
export { type ParseOptions, parseEvent } from "./events/parse.ts";
export type { Fields, Interests, VariableKinds } from "./events/variables.ts";
export { MAX_DEPTH, MAX_KEY_LENGTH, MAX_MAPS, MAX_VARIABLES } from "./form/bounds.ts";
export { decodeForm } from "./form/decode.ts";
export type { FormTree, FormValue } from "./form/tree.ts";
export {
  type ClaimOutcome,
  createMemoryDeliveryStore,
  type DeliveryStore,
  MAX_REMEMBERED_DELIVERIES,
} from "./handler/deliveries.ts";
export {
  type AnsweredError,
  CallbackError,
  DeliveryError,
  InternalError,
  type WebhookErrorCode,
} from "./handler/errors.ts";
export { createWebhookHandler, type WebhookHandler } from "./handler/handler.ts";
export type { HandlerInbox, InboxHandler, ReceiveDelivery, ReceivedCall } from "./handler/inbox.ts";
export type {
  CallSettings,
  EventSettings,
  InboxWebhookOptions,
  InboxWebhookSettings,
  VerifyOptions,
  WebhookOptions,
  WebhookSettings,
} from "./handler/options.ts";
export type { WebhookCallbacks } from "./routes/callbacks.ts";
export { type CollectionOptions, collection } from "./routes/collection.ts";
export { type DatabaseOptions, database } from "./routes/database.ts";
export { InvalidFieldsError } from "./routes/error.ts";
export type { FieldOptions, FieldsOf, FieldTypes, RoutedEvent } from "./routes/field-types.ts";
export type { CollectionRoute, DatabaseRoute } from "./routes/route.ts";
export type { FieldSchema, StructFailures, StructSchema } from "./routes/schema.ts";
export type { ResolveTxt, ResolveTxtOptions, TxtAnswer, TxtRecords } from "./signature/dns.ts";
export { resolveTxtOverHttps } from "./signature/dns-over-https.ts";
export { VerificationError, type VerificationErrorCode } from "./signature/error.ts";
export type { KeyStore, StoredKey } from "./signature/key-store.ts";
export { createKeyLookup, type KeyLookup, type KeyLookupOptions } from "./signature/keys.ts";
export {
  type SignatureOptions,
  type SignedRequest,
  type VerifiedDelivery,
  verifySignature,
} from "./signature/verify.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";

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

export { MAX_DEPTH, MAX_MAPS } from "./assign.ts";
export { type ClaimOutcome, type Claims, createMemoryClaims, MAX_REMEMBERED_DELIVERIES } from "./claims.ts";
export type { WebhookContext } from "./context.ts";
export type { RsaKey } from "./crypto.ts";
export { decodeForm, MAX_KEY_LENGTH, MAX_VARIABLES } from "./decode.ts";
export {
  AccountMismatchError,
  AlgorithmRefusedError,
  type AnsweredError,
  BodyInterruptedError,
  BodyTooLargeError,
  BodyUsedError,
  CallbackFailedError,
  CallbackTimeoutError,
  ClaimsUnavailableError,
  DateOutOfRangeError,
  DeliveryInProgressError,
  DigestMismatchError,
  type Fault,
  InternalError,
  InvalidAccountHeaderError,
  InvalidDateHeaderError,
  InvalidDigestHeaderError,
  InvalidEventError,
  InvalidFieldsError,
  InvalidOptionError,
  InvalidSignatureHeaderError,
  KeyIdRefusedError,
  KeyNotFoundError,
  KeyRefusedError,
  KeyRevokedError,
  KeyUnavailableError,
  MethodNotAllowedError,
  PathNotFoundError,
  SignatureIncompleteError,
  SignatureMismatchError,
  UndecodableBodyError,
  UnsupportedContentTypeError,
  type VerificationError,
  WebhookError,
  type WebhookErrorCode,
} from "./errors.ts";
export type {
  CallbackName,
  EventFor,
  EventName,
  Events,
  Fields,
  Interests,
  UnknownEvent,
  VariableKinds,
  WebhookEvent,
} from "./events.ts";
export { createWebhookHandler, type WebhookHandler } from "./handler.ts";
export { createKeyLookup, type FoundKeys, type KeyLookup, type KeyLookupOptions } from "./keys.ts";
export type { VerifyOptions, WebhookCallbacks, WebhookOptions, WebhookSettings } from "./options.ts";
export { type ParseOptions, parseEvent } from "./parse.ts";
export { type ResolveTxt, resolveTxtOverHttps, type TxtAnswer, type TxtRecords } from "./resolve.ts";
export {
  type CollectionOptions,
  type CollectionRoute,
  collection,
  type DatabaseOptions,
  type DatabaseRoute,
  database,
  type FieldOptions,
  type FieldSchema,
  type FieldsOf,
  type FieldTypes,
  type RoutedEvent,
  type StructFailures,
  type StructSchema,
} from "./routes.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./schema.ts";
export type { FormTree, FormValue } from "./tree.ts";
export {
  type SignatureOptions,
  type SignedRequest,
  type VerifiedDelivery,
  verifySignature,
} from "./verify.ts";

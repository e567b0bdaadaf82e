/**
 * The durable inbox: a handler stores each verified delivery in it before it answers, and its callbacks run from there, with
 * retries. `copernica-webhooks/inbox/sqlite` has the one on disk; this module has what all of them share, and what a store of
 * your own has to do.
 *
 * @example
 * ```ts
 * import { DiscardError } from "copernica-webhooks/inbox";
 *
 * function onProfileCreate(event: { fields: Readonly<Record<string, string>> }): void {
 *   if (event.fields.email === undefined) throw new DiscardError("There is no address to write to.");
 * }
 * ```
 *
 * @module
 */

export type { Awaitable } from "./awaitable.ts";
export { type Fault, WebhookError } from "./errors.ts";
export type { Backoff, BackoffValues } from "./inbox/backoff.ts";
export {
  type AttemptError,
  type DeliveryFilter,
  type DeliveryPage,
  type DeliveryRecord,
  type DeliveryState,
  type DeliverySummary,
  type EventSummary,
  type InboxStats,
  MAX_ERROR_LENGTH,
  MAX_KEPT_ERRORS,
  MAX_PAGE_LENGTH,
  type Paging,
  type ReceivedDelivery,
  type Refusal,
  type StoredDelivery,
} from "./inbox/delivery.ts";
export { DiscardError, InboxUnavailableError } from "./inbox/errors.ts";
export { STORED_HEADERS } from "./inbox/headers.ts";
export { createInbox, type Inbox, type WorkOptions } from "./inbox/inbox.ts";
export type { InspectedInbox } from "./inbox/inspect.ts";
export type { InboxOptions, InspectOptions, Keep, StopOptions } from "./inbox/options.ts";
export type {
  AddOutcome,
  Exchange,
  InboxPolicy,
  InboxStore,
  NewDelivery,
  SettledState,
  Settlement,
  Sweep,
  TakenDelivery,
} from "./inbox/store.ts";
export type { Attempt, Process } from "./inbox/worker.ts";

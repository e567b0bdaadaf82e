/**
 * What becomes of a delivery in an inbox:
 *
 * - `available`: it waits for its first attempt, or was replayed;
 * - `running`: an attempt is being made;
 * - `retryable`: an attempt failed, another one follows;
 * - `completed`: its callbacks succeeded;
 * - `discarded`: it was given up.
 */
export type DeliveryState = "available" | "running" | "retryable" | "completed" | "discarded";

/** All states, in the order in which a delivery comes to them. */
export const DELIVERY_STATES: readonly DeliveryState[] = [
  "available",
  "running",
  "retryable",
  "completed",
  "discarded",
];

/** What an inbox knows of the event of a delivery, to keep its order and to find it by. */
export interface EventSummary {
  /** The event's name: `profile.create`. */
  readonly name: string;
  /** The id of the database that it is about. */
  readonly database?: number | undefined;
  /** The id of the collection that it is about. */
  readonly collection?: number | undefined;
  /** The id of the profile that it is about. */
  readonly profile?: number | undefined;
  /** The id of the subprofile that it is about. */
  readonly subprofile?: number | undefined;
}

/** Why a delivery can never be processed as it is: it can't be decoded, or does not fit its types. */
export interface Refusal {
  /** The stable name of the error: `invalid_event`. */
  readonly code: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** A verified delivery, as a handler gives it to an inbox. */
export interface ReceivedDelivery {
  /** What identifies it: a replay has that of the call it repeats. */
  readonly deliveryId: string;
  /** When it came in. */
  readonly receivedAt: Date;
  /** The URL that it came to. */
  readonly url: string;
  /** The headers that it came with. {@link STORED_HEADERS} says which of them are kept. */
  readonly headers: Headers;
  /** Its body, as it came. */
  readonly body: Uint8Array;
  /** Its event; undefined if it can't be decoded. */
  readonly event?: EventSummary | undefined;
  /** Why it can't be processed. It is stored as discarded then, and can be replayed once that is mended. */
  readonly refusal?: Refusal | undefined;
}

/** A delivery, as an inbox gives it to those who process it. */
export interface StoredDelivery {
  /** What identifies it. */
  readonly deliveryId: string;
  /** When it came in. */
  readonly receivedAt: Date;
  /** The URL that it came to. */
  readonly url: string;
  /** The headers that were kept, their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body, as it came. */
  readonly body: Uint8Array;
  /** Its event, as it was understood when it came in. */
  readonly event?: EventSummary | undefined;
}

/** A delivery of a list: what became of it. */
export interface DeliverySummary {
  /** What identifies it. */
  readonly deliveryId: string;
  /** What became of it. */
  readonly state: DeliveryState;
  /** How many attempts were begun since it came in, or since it was replayed. */
  readonly attempt: number;
  /** When it came in. */
  readonly receivedAt: Date;
  /** Its event, as it was understood when it came in. */
  readonly event?: EventSummary | undefined;
  /** When it was completed or discarded. */
  readonly settledAt?: Date | undefined;
  /** When the next attempt is due, if it is `retryable`. */
  readonly nextAttemptAt?: Date | undefined;
}

/** Why an attempt failed. */
export interface AttemptError {
  /** Which attempt, from 1; 0 if the delivery was refused when it came in. */
  readonly attempt: number;
  /** When it failed. */
  readonly at: Date;
  /** What was thrown, with its stack and causes, cut at {@link MAX_ERROR_LENGTH}. */
  readonly message: string;
}

/** All that an inbox knows of a delivery. */
export interface DeliveryRecord extends DeliverySummary {
  /** The URL that it came to. */
  readonly url: string;
  /** The headers that were kept, their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body, as it came. */
  readonly body: Uint8Array;
  /** Why its attempts failed, oldest first; the latest {@link MAX_KEPT_ERRORS} of them. */
  readonly errors: readonly AttemptError[];
}

/** Which deliveries are meant. What is not given does not matter. */
export interface DeliveryFilter {
  /** Those in this state. */
  readonly state?: DeliveryState | undefined;
  /** Those whose event has this name: `profile.create`. */
  readonly event?: string | undefined;
  /** Those about this profile. */
  readonly profile?: number | undefined;
  /** Those about this database. */
  readonly database?: number | undefined;
  /** Those that came in then or later. */
  readonly receivedFrom?: Date | undefined;
  /** Those that came in before then. */
  readonly receivedBefore?: Date | undefined;
}

/** Which page of a list. */
export interface Paging {
  /**
   * The most deliveries of a page, at most {@link MAX_PAGE_LENGTH}.
   *
   * @default 100
   */
  readonly limit?: number | undefined;
  /** The `cursor` of the page before; the first page without. */
  readonly cursor?: string | undefined;
}

/** A page of a list. */
export interface DeliveryPage {
  /** The deliveries, the one that came in last first. */
  readonly deliveries: readonly DeliverySummary[];
  /** What to ask for the next page with; undefined on the last one. */
  readonly cursor?: string | undefined;
}

/** How many deliveries an inbox holds. */
export interface InboxStats extends Readonly<Record<DeliveryState, number>> {
  /** How many bytes the store uses. */
  readonly bytes: number;
  /** When the delivery came in that has waited longest for its first attempt. */
  readonly waitingSince?: Date | undefined;
  /** When the next attempt of a retryable delivery is due. */
  readonly nextAttemptAt?: Date | undefined;
}

/** The most deliveries that a page of a list has. */
export const MAX_PAGE_LENGTH = 1_000;

/** The most characters of what a failed attempt threw that are kept. */
export const MAX_ERROR_LENGTH = 4_000;

/** The most failed attempts of a delivery whose errors are kept. */
export const MAX_KEPT_ERRORS = 100;

import type { DeliveryState } from "../delivery.ts";

/** How a state is stored. What has been queued and is not settled comes first, so that an index can tell. */
export const STATE_NUMBERS: Readonly<Record<DeliveryState, number>> = {
  available: 0,
  running: 1,
  retryable: 2,
  completed: 3,
  discarded: 4,
};

/**
 * How `available` is stored until a worker comes across the delivery and queues it behind others of its key. No index has
 * these: what is received is stored faster for it, and a call waits for that.
 */
export const ARRIVED = 5;

/** In SQL: whether a delivery was queued and is not settled. As an index has it, so it must be written the same. */
export const IS_QUEUED: string = `state < ${STATE_NUMBERS.completed}`;

/** The state that a number stands for. */
export function stateOf(number: number): DeliveryState {
  if (number === ARRIVED) return "available";
  const [state] = Object.entries(STATE_NUMBERS).find(([, known]) => known === number) ?? [];
  if (state === undefined) throw new Error(`The inbox has a delivery of the unknown state ${number}.`);
  return state as DeliveryState; // as the names of STATE_NUMBERS are typed
}

/** Says that a file is an inbox: "cwin" in ASCII, in SQLite's `application_id`. */
export const APPLICATION_ID = 0x6377696e;

/**
 * The steps from each version of the schema to the next, from an empty file on. A file's version is the number of steps that
 * it has behind it. Never change one that was published: add another.
 *
 * What never changes, `delivery`, lies apart from what changes with each attempt, `work`: to settle a hundred deliveries
 * writes a few pages then, and not the hundred that their bodies lie on.
 */
export const STEPS: readonly string[] = [
  `
  CREATE TABLE delivery (
    id INTEGER PRIMARY KEY, -- in order of arrival, never used twice
    fingerprint INTEGER NOT NULL, -- of delivery_id: an index of these takes a third of the space
    delivery_id TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL, -- JSON
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX delivery_fingerprint ON delivery (fingerprint);

  CREATE TABLE work (
    id INTEGER PRIMARY KEY, -- that of the delivery
    state INTEGER NOT NULL, -- see STATE_NUMBERS and ARRIVED
    -- In milliseconds. Available: when it came in; NULL while another one of its order_key is before it, or until it is
    -- queued. Running: when its lease ends, by watched_ms. Retryable: when it is due. Completed, discarded: when it was settled.
    at INTEGER,
    order_key INTEGER,
    attempt INTEGER NOT NULL, -- since it came in or was replayed
    fence INTEGER NOT NULL, -- how often it was taken at all: the attempt that has this number may settle it
    received_at INTEGER NOT NULL,
    event TEXT,
    database INTEGER,
    collection INTEGER,
    profile INTEGER,
    subprofile INTEGER
  ) STRICT;
  CREATE INDEX work_at ON work (state, at) WHERE at IS NOT NULL;
  CREATE INDEX work_order_key ON work (order_key) WHERE order_key IS NOT NULL AND ${IS_QUEUED};

  CREATE TABLE failure (
    id INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (id, fence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE summary (
    available INTEGER NOT NULL,
    running INTEGER NOT NULL,
    retryable INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    discarded INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    queued_id INTEGER NOT NULL, -- up to which deliveries were queued
    watched_ms INTEGER NOT NULL -- the clock of leases: see sweep.ts
  ) STRICT;
  INSERT INTO summary VALUES (0, 0, 0, 0, 0, 0, 0, 0);
  `,
];

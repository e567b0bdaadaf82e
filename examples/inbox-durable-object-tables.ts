/** The tables of the store `inbox-durable-object-store.ts` */
import type { DeliveryState, DeliverySummary, StoredDelivery } from "copernica-webhooks/inbox";

/** In SQL: whether a delivery is not settled. As the index has it, so it must be written the same. */
export const IS_OPEN = "state NOT IN ('completed', 'discarded')";

/** Bodies lie apart from what changes with each attempt. Of the open deliveries with one order_key, all but one are held. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of arrival, never used twice
    delivery_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    is_held INTEGER NOT NULL,
    -- In milliseconds. Available: when it came in. Running: when it was taken. Retryable: when it is due. Else: when it was
    -- settled.
    at INTEGER NOT NULL,
    order_key INTEGER,
    attempt INTEGER NOT NULL, -- since it came in or was replayed
    fence INTEGER NOT NULL, -- how often it was taken at all: the attempt that has this number may settle it
    received_at INTEGER NOT NULL,
    event TEXT -- JSON
  ) STRICT;
  CREATE INDEX IF NOT EXISTS delivery_at ON delivery (state, is_held, at);
  CREATE INDEX IF NOT EXISTS delivery_order ON delivery (order_key, is_held, id) WHERE ${IS_OPEN};
  CREATE TABLE IF NOT EXISTS content (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS failure (
    id INTEGER, fence INTEGER, attempt INTEGER NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL, PRIMARY KEY (id, fence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tally (state TEXT PRIMARY KEY, deliveries INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO tally
    VALUES ('available', 0), ('running', 0), ('retryable', 0), ('completed', 0), ('discarded', 0);
  CREATE TRIGGER IF NOT EXISTS delivery_added AFTER INSERT ON delivery BEGIN
    UPDATE tally SET deliveries = deliveries + 1 WHERE state = NEW.state;
  END;
  CREATE TRIGGER IF NOT EXISTS delivery_moved AFTER UPDATE OF state ON delivery BEGIN
    UPDATE tally SET deliveries = deliveries - 1 WHERE state = OLD.state;
    UPDATE tally SET deliveries = deliveries + 1 WHERE state = NEW.state;
  END;
  CREATE TRIGGER IF NOT EXISTS delivery_removed AFTER DELETE ON delivery BEGIN
    UPDATE tally SET deliveries = deliveries - 1 WHERE state = OLD.state;
    DELETE FROM content WHERE id = OLD.id;
    DELETE FROM failure WHERE id = OLD.id;
  END;
`;

/** A row of the table delivery. No interface, as `exec` takes none. */
export type Row = {
  id: number;
  delivery_id: string;
  state: DeliveryState;
  at: number;
  order_key: number | null;
  attempt: number;
  fence: number;
  received_at: number;
  event: string | null;
};

/** The same, with its row of the table content. */
export type WholeRow = Row & { url: string; headers: string; body: ArrayBuffer };

/** The delivery of a row, as it was stored. */
export function deliveryOf({ delivery_id, received_at, url, headers, body, event }: WholeRow): StoredDelivery {
  return {
    deliveryId: delivery_id,
    receivedAt: new Date(received_at),
    url,
    headers: JSON.parse(headers), // as the store wrote it
    body: new Uint8Array(body),
    event: event === null ? undefined : JSON.parse(event), // as the store wrote it
  };
}

/** What became of the delivery of a row. */
export function summaryOf({ delivery_id, state, at, attempt, received_at, event }: Row): DeliverySummary {
  return {
    deliveryId: delivery_id,
    state,
    attempt,
    receivedAt: new Date(received_at),
    event: event === null ? undefined : JSON.parse(event), // as the store wrote it
    settledAt: state === "completed" || state === "discarded" ? new Date(at) : undefined,
    nextAttemptAt: state === "retryable" ? new Date(at) : undefined,
  };
}

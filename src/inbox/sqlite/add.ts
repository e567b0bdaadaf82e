import { InboxUnavailableError } from "../errors.ts";
import type { AddOutcome, NewDelivery } from "../store.ts";
import type { Database, Statement } from "./driver.ts";
import type { Failures } from "./failures.ts";
import { fingerprint } from "./fingerprint.ts";
import { ARRIVED, STATE_NUMBERS } from "./schema.ts";
import type { Space } from "./space.ts";
import type { Summary } from "./summary.ts";

/** What adding deliveries needs. */
export interface AddSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly failures: Failures;
  readonly space: Space;
  readonly maxBytes: number;
}

/** Makes the function that stores deliveries, within a transaction. */
export function createAdd(settings: AddSettings): (deliveries: readonly NewDelivery[]) => AddOutcome[] {
  const { database, summary, failures, space, maxBytes } = settings;
  const find: Statement = database.prepare("SELECT 1 FROM delivery WHERE fingerprint = ? AND delivery_id = ?");
  const insertDelivery = database.prepare("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?)");
  const insertWork = database.prepare("INSERT INTO work VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?)");

  return (deliveries) => {
    const used = space.usedBytes();
    const wanted = deliveries.reduce((bytes, { body }) => bytes + body.length, 0);
    if (used + wanted > maxBytes) {
      throw new InboxUnavailableError(
        `The inbox is full: ${used} of maxBytes ${maxBytes} are used. Work through it, or give it more.`,
      );
    }
    const { last_id: lastId } = summary.read();
    let id = lastId;
    const outcomes = deliveries.map((delivery) => {
      const { deliveryId, receivedAt, url, headers, body, event, orderKey = null, refusal } = delivery;
      const print = fingerprint(deliveryId);
      if (find.get(print, deliveryId) !== undefined) return "duplicate";
      id += 1;
      const receivedAtMs = receivedAt.getTime();
      insertDelivery.run(id, print, deliveryId, url, JSON.stringify(headers), body);
      insertWork.run(
        id,
        refusal === undefined ? ARRIVED : STATE_NUMBERS.discarded,
        refusal === undefined ? null : Date.now(),
        orderKey,
        receivedAtMs,
        event?.name ?? null,
        event?.database ?? null,
        event?.collection ?? null,
        event?.profile ?? null,
        event?.subprofile ?? null,
      );
      if (refusal !== undefined) failures.add({ id, fence: 0, attempt: 0 }, refusal);
      summary.move(undefined, refusal === undefined ? "available" : "discarded");
      return "stored";
    });
    summary.giveOut(id - lastId);
    return outcomes;
  };
}

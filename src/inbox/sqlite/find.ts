import type { DeliveryFilter, DeliveryPage, DeliveryRecord, DeliverySummary, InboxStats } from "../delivery.ts";
import { atEndOfTurn } from "../turn.ts";
import type { Database, SqlValue, Statement } from "./driver.ts";
import { type EventColumns, eventOf } from "./event.ts";
import type { Failures } from "./failures.ts";
import { fingerprint } from "./fingerprint.ts";
import { ARRIVED, STATE_NUMBERS, stateOf } from "./schema.ts";
import type { Space } from "./space.ts";
import type { Summary } from "./summary.ts";

/** How many deliveries are looked through at once, before others get their turn. */
const SCAN_LENGTH = 2_000;

/** What finding deliveries needs. */
export interface FindSettings {
  readonly database: Database;
  readonly summary: Summary;
  readonly failures: Failures;
  readonly space: Space;
}

/** Finds deliveries. */
export interface Finding {
  readonly stats: () => InboxStats;
  readonly list: (filter: DeliveryFilter, limit: number, cursor: string | undefined) => Promise<DeliveryPage>;
  readonly get: (deliveryId: string) => DeliveryRecord | undefined;
}

interface SummaryColumns extends EventColumns {
  readonly id: number;
  readonly delivery_id: string;
  readonly state: number;
  readonly at: number | null;
  readonly attempt: number;
  readonly received_at: number;
}

interface RecordColumns extends SummaryColumns {
  readonly url: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

const SUMMARY_COLUMNS =
  "id, delivery_id, state, at, attempt, received_at, event, database, collection, profile, subprofile";

/** Makes what finds deliveries. */
export function createFinding({ database, summary, failures, space }: FindSettings): Finding {
  const firstAt: Statement<{ at: number }> = database.prepare(
    "SELECT at FROM work WHERE state = ? AND at IS NOT NULL ORDER BY at LIMIT 1",
  );
  const scanEnd: Statement<{ id: number }> = database.prepare(
    "SELECT id FROM work WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?",
  );
  const select: Statement<RecordColumns> = database.prepare(
    `SELECT ${SUMMARY_COLUMNS}, url, headers, body FROM delivery JOIN work USING (id)
      WHERE fingerprint = ? AND delivery_id = ?`,
  );

  const firstArrived: Statement<{ at: number }> = database.prepare(
    `SELECT received_at AS at FROM work WHERE id > ? AND state = ${ARRIVED} ORDER BY id LIMIT 1`,
  );

  function dateOf(row: { readonly at: number } | undefined): Date | undefined {
    return row && new Date(row.at);
  }

  return {
    stats() {
      const { available, running, retryable, completed, discarded, queued_id: queuedId } = summary.read();
      return {
        available,
        running,
        retryable,
        completed,
        discarded,
        bytes: space.usedBytes(),
        waitingSince: dateOf(firstAt.get(STATE_NUMBERS.available) ?? firstArrived.get(queuedId)),
        nextAttemptAt: dateOf(firstAt.get(STATE_NUMBERS.retryable)),
      };
    },
    async list(filter, limit, cursor) {
      const { conditions, values } = inSql(filter);
      const page: Statement<SummaryColumns> = database.prepare(
        `SELECT ${SUMMARY_COLUMNS} FROM work CROSS JOIN delivery USING (id)
          WHERE ${["id < ?", "id >= ?", ...conditions].join(" AND ")} ORDER BY id DESC LIMIT ?`,
      );
      const deliveries: DeliverySummary[] = [];
      let before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
      for (;;) {
        const end = scanEnd.get(before, SCAN_LENGTH - 1)?.id ?? 0;
        const rows = page.all(before, end, ...values, limit - deliveries.length);
        deliveries.push(...rows.map(summaryOf));
        if (deliveries.length === limit) return { deliveries, cursor: String(rows.at(-1)?.id) };
        if (end === 0) return { deliveries };
        before = end;
        await new Promise<void>((resolve) => atEndOfTurn(resolve));
      }
    },
    get(deliveryId) {
      const row = select.get(fingerprint(deliveryId), deliveryId);
      if (row === undefined) return undefined;
      const { url, headers, body } = row;
      return { ...summaryOf(row), url, headers: JSON.parse(headers), body, errors: failures.list(row.id) }; // see add.ts
    },
  };
}

function inSql(filter: DeliveryFilter): { conditions: string[]; values: SqlValue[] } {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, value: SqlValue | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  if (filter.state === "available") conditions.push(`state IN (${STATE_NUMBERS.available}, ${ARRIVED})`);
  else add("state = ?", filter.state && STATE_NUMBERS[filter.state]);
  add("event = ?", filter.event);
  add("profile = ?", filter.profile);
  add("database = ?", filter.database);
  add("received_at >= ?", filter.receivedFrom?.getTime());
  add("received_at < ?", filter.receivedBefore?.getTime());
  return { conditions, values };
}

function summaryOf(row: SummaryColumns): DeliverySummary {
  const { delivery_id: deliveryId, attempt, received_at: receivedAt, at } = row;
  const state = stateOf(row.state);
  const isSettled = state === "completed" || state === "discarded";
  return {
    deliveryId,
    state,
    attempt,
    receivedAt: new Date(receivedAt),
    event: eventOf(row),
    settledAt: isSettled && at !== null ? new Date(at) : undefined,
    nextAttemptAt: state === "retryable" && at !== null ? new Date(at) : undefined,
  };
}

import type { AddOutcome, NewDelivery } from "../store.ts";
import { jobData, jobId, toJson } from "./job.ts";
import type { Queue } from "./queue.ts";
import type { Run } from "./run.ts";
import type { Space } from "./space.ts";

/** How long deliveries may take to be stored, in milliseconds: who sent them waits for an answer. */
const ADD_MS = 5_000;

/** What adding deliveries needs. */
export interface AddSettings {
  readonly run: Run;
  readonly space: Space;
}

/** Makes the function that stores deliveries. */
export function createAdd({ run, space }: AddSettings): (deliveries: readonly NewDelivery[]) => Promise<AddOutcome[]> {
  return async (deliveries) => {
    await space.claim(
      deliveries.reduce((bytes, { body }) => bytes + body.length, 0),
      ADD_MS,
    );
    const ids = await Promise.all(deliveries.map(({ deliveryId }) => jobId(deliveryId)));
    const rows = deliveries.flatMap((delivery, place) => {
      const id = ids[place] ?? "";
      return ids.indexOf(id) === place ? [{ id, place, ...job(id, delivery) }] : [];
    });
    const added = new Set(
      (await run<{ readonly id: string }>(INSERT, [toJson(rows)], { withinMs: ADD_MS })).map(({ id }) => id),
    );
    return ids.map((id) => (added.delete(id) ? "stored" : "duplicate"));
  };
}

function job(id: string, delivery: NewDelivery): object {
  const { orderKey, refusal, receivedAt } = delivery;
  return {
    data: jobData(delivery),
    // Strict order is by key: what has none is a key of its own.
    key: orderKey === undefined ? id : String(orderKey),
    state: refusal === undefined ? "created" : "cancelled",
    output: refusal === undefined ? undefined : [{ attempt: 0, at: receivedAt.getTime(), message: refusal }],
  };
}

/**
 * Inserts jobs, each later than all before it, even if the clock of the server was set back: their order is that of `created_on`.
 * That pg-boss neither expires nor removes them is left to the inbox, which does both. A server that does not wait for its disk
 * is told to, this once.
 */
const INSERT = ({ table, stateType }: Queue): string => `
  INSERT INTO ${table} (id, name, data, state, singleton_key, created_on, start_after, completed_on, keep_until, output,
      policy, retry_limit, expire_seconds, deletion_seconds)
    SELECT job.id, $1, job.data, job.state::${stateType}, job.key, latest.at + (job.place + 1) * interval '1 microsecond',
        now(), CASE WHEN job.state = 'cancelled' THEN now() END, '9999-12-31', job.output,
        'key_strict_fifo', 2147483647, 2147483647, 0
      FROM (
          SELECT GREATEST(now(), (SELECT created_on FROM ${table} WHERE name = $1 ORDER BY created_on DESC LIMIT 1)) AS at,
            CASE current_setting('synchronous_commit')
              WHEN 'off' THEN set_config('synchronous_commit', 'local', true)
            END AS synchronous_commit
        ) AS latest,
        json_to_recordset($2::text::json)
          AS job (id uuid, place integer, key text, state text, data jsonb, output jsonb)
      ORDER BY job.place
    ON CONFLICT DO NOTHING
    RETURNING id::text`;

import { backoffMs } from "../backoff.ts";
import { MAX_KEPT_ERRORS } from "../delivery.ts";
import type { Exchange, InboxPolicy, SettledState, Settlement, TakenDelivery } from "../store.ts";
import { readDelivery, toJson } from "./job.ts";
import type { Queue } from "./queue.ts";
import { ATTEMPT, FENCE } from "./row.ts";
import type { Run } from "./run.ts";

/** What an attempt is known by. */
export interface Lease {
  /** The id of its job. */
  readonly id: string;
  /** What tells it from the other attempts of its job. */
  readonly fence: string;
}

/** An attempt that ended. */
export interface EndedAttempt {
  readonly lease: Lease;
  readonly attempt: number;
  readonly failure?: Settlement["failure"];
}

/** How many are to be taken, and for how long, in milliseconds. */
export interface Taking {
  readonly limit: number;
  readonly leaseMs: number;
}

/** Settles attempts and takes deliveries, in one transaction. */
export type ExchangeAttempts = (ended: readonly EndedAttempt[], taking?: Taking) => Promise<Exchange>;

/** How much longer than its lease an attempt gets: the process that makes it is to settle it itself, if it lives. */
const LEASE_SLACK = 1.1;

/** What an exchange returns: a row for each attempt that was settled, one for each that was taken, one for what is due next. */
interface ExchangeRow {
  readonly what: "settled" | "taken" | "next";
  readonly id: string;
  readonly fence: string;
  readonly attempt: number;
  readonly data: string;
  readonly due_ms: number | null;
}

/** Makes the function that settles attempts and takes deliveries. */
export function createExchange(
  run: Run,
  { attempts, backoff }: Pick<InboxPolicy, "attempts" | "backoff">,
): ExchangeAttempts {
  let retriesGoFirst = false;

  function end({ lease, attempt, failure }: EndedAttempt): { state: Exclude<SettledState, "lost">; row: EndedRow } {
    if (failure === undefined) return { state: "completed", row: { ...lease, state: "completed", wait_ms: 0 } };
    const isLast = failure.isFinal || attempt >= attempts;
    const row = { ...lease, attempt, message: failure.message };
    if (isLast) return { state: "discarded", row: { ...row, state: "cancelled", wait_ms: 0 } };
    return { state: "retryable", row: { ...row, state: "retry", wait_ms: backoffMs(backoff, attempt) } };
  }

  return async (ended, { limit, leaseMs } = { limit: 0, leaseMs: 0 }) => {
    const ends = ended.map(end);
    // Retries and others by turns get the larger half, so that neither can keep the other from being taken.
    if (limit > 0) retriesGoFirst = !retriesGoFirst;
    const retriesFirst = retriesGoFirst ? Math.ceil(limit / 2) : Math.floor(limit / 2);
    const values = [toJson(ends.map(({ row }) => row)), limit, retriesFirst, leaseMs * LEASE_SLACK];
    const rows = await run<ExchangeRow>(EXCHANGE, values);

    const settledIds = new Set(rows.filter(({ what }) => what === "settled").map(({ id }) => id));
    const settled = ends.map(({ state, row }) => (settledIds.has(row.id) ? state : "lost"));
    const taken = rows.filter(({ what }) => what === "taken").map(readTaken);
    const waits = [
      ...rows.flatMap(({ due_ms }) => (due_ms === null ? [] : [due_ms])),
      ...ends.filter(({ row }) => row.state === "retry" && settledIds.has(row.id)).map(({ row }) => row.wait_ms),
    ];
    return { settled, taken, nextDueMs: taken.length > 0 || waits.length === 0 ? undefined : Math.min(...waits) };
  };
}

/** How an attempt ended, as the statement takes it. */
interface EndedRow extends Lease {
  readonly state: "completed" | "retry" | "cancelled";
  readonly wait_ms: number;
  readonly attempt?: number;
  readonly message?: string;
}

function readTaken({ id, fence, attempt, data }: ExchangeRow): TakenDelivery {
  return { lease: { id, fence } satisfies Lease, attempt, delivery: readDelivery(data) };
}

/**
 * Settles attempts (in JSON: $2), then takes up to $3 jobs, up to $4 of them retries before others, for $5 milliseconds.
 *
 * A job is taken if it is the first of its key that waits, and none of its key is active or to be tried again, but those that
 * this statement settles. The conditions are subqueries that can't be turned into a join: so the jobs are looked through in
 * their order, and no longer than until there are enough. pg-boss's unique index on what is active keeps the order if two
 * processes differ. Nothing waits for the disk: what a power cut undoes is done again.
 */
const EXCHANGE = ({ table, stateType }: Queue): string => `
  WITH settled AS (
    UPDATE ${table} AS job SET
        state = ended.state::${stateType},
        completed_on = CASE WHEN ended.state <> 'retry' THEN now() END,
        start_after = CASE ended.state
          WHEN 'retry' THEN now() + ended.wait_ms * interval '1 millisecond' ELSE job.start_after END,
        output = CASE WHEN ended.message IS NULL THEN job.output
          ELSE ${KEPT_ERRORS} || jsonb_build_object('attempt', ended.attempt, 'message', ended.message,
            'at', floor(extract(epoch FROM now()) * 1000)) END
      FROM json_to_recordset($2::text::json)
        AS ended (id uuid, fence text, state text, wait_ms float8, attempt integer, message text)
      WHERE job.name = $1 AND job.id = ended.id AND job.state = 'active' AND ${FENCE} = ended.fence
      RETURNING job.id, job.state
  ),
  retries AS (
    SELECT id, row_number() OVER () AS place FROM (
      SELECT id FROM ${table}
        WHERE name = $1 AND state = 'retry' AND NOT blocked AND start_after <= now()
        ORDER BY start_after LIMIT $3 FOR UPDATE SKIP LOCKED
    ) AS due
  ),
  others AS (
    SELECT id, row_number() OVER () AS place FROM (
      SELECT job.id FROM ${table} AS job
        WHERE job.name = $1 AND job.state = 'created' AND job.state < 'active' AND NOT job.blocked
          AND job.id = (SELECT first.id FROM ${table} AS first
            WHERE first.name = job.name AND first.singleton_key = job.singleton_key
              AND first.state < 'active' AND NOT first.blocked AND first.policy = 'key_strict_fifo'
            ORDER BY first.state DESC, first.created_on, first.id LIMIT 1)
          AND (SELECT holder.id FROM ${table} AS holder
            WHERE holder.name = job.name AND holder.singleton_key = job.singleton_key
              AND holder.state IN ('active', 'retry', 'failed') AND holder.policy = 'key_strict_fifo'
              AND holder.id NOT IN (SELECT settled.id FROM settled WHERE settled.state <> 'retry')
            LIMIT 1) IS NULL
        ORDER BY job.priority DESC, job.created_on LIMIT $3 FOR UPDATE OF job SKIP LOCKED
    ) AS due
  ),
  chosen AS (
    SELECT id FROM (
      SELECT id, CASE WHEN place <= $4 THEN 1 ELSE 3 END AS part, place FROM retries
        UNION ALL SELECT id, 2, place FROM others
    ) AS due ORDER BY part, place LIMIT $3
  ),
  taken AS (
    UPDATE ${table} AS job SET
        state = 'active',
        started_on = now(),
        heartbeat_on = now() + $5 * interval '1 millisecond',
        retry_count = CASE WHEN job.started_on IS NULL THEN job.retry_count ELSE job.retry_count + 1 END
      FROM chosen WHERE job.name = $1 AND job.id = chosen.id
      RETURNING job.id, ${FENCE} AS fence, ${ATTEMPT} AS attempt, job.data::text, job.created_on
  )
  SELECT 'taken' AS what, id::text, fence, attempt, data, NULL::float8 AS due_ms, created_on FROM taken
    UNION ALL SELECT 'settled', id::text, NULL, NULL, NULL, NULL, NULL FROM settled
    UNION ALL SELECT 'next', set_config('synchronous_commit', 'off', true), NULL, NULL, NULL, (
        SELECT GREATEST(0, extract(epoch FROM start_after - now()) * 1000)::float8 FROM ${table}
          WHERE name = $1 AND state = 'retry' AND NOT blocked ORDER BY start_after LIMIT 1
      ), NULL
    ORDER BY created_on`;

/** The errors of a job that are kept when another one comes, in words for a statement. */
const KEPT_ERRORS = `(CASE jsonb_typeof(job.output)
            WHEN 'array' THEN CASE WHEN jsonb_array_length(job.output) < ${MAX_KEPT_ERRORS} THEN job.output ELSE job.output - 0 END
            ELSE '[]' END)`;

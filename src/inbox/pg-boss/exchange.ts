import { backoffMs } from "../backoff.ts";
import { MAX_KEPT_ERRORS } from "../delivery.ts";
import {
  type Exchange,
  type InboxPolicy,
  LEASE_ENDED,
  LEASE_SLACK,
  type SettledState,
  type Settlement,
  type TakenDelivery,
} from "../store.ts";
import { readDelivery, toJson } from "./job.ts";
import type { Queue } from "./queue.ts";
import { ATTEMPT, FENCE, isAvailable } from "./row.ts";
import type { Run } from "./run.ts";

/** What an attempt is known by. */
export interface Lease {
  /** The id of its job. */
  readonly id: string;
  /** What tells it from the other attempts of its job. */
  readonly fence: string;
}

/** An attempt that ended. */
interface EndedAttempt {
  readonly lease: Lease;
  readonly attempt: number;
  readonly failure?: Settlement["failure"];
}

/** How many are to be taken, and for how long, in milliseconds. */
interface Taking {
  readonly limit: number;
  readonly leaseMs: number;
}

/** Settles attempts and takes deliveries, in one transaction. */
export type ExchangeAttempts = (ended: readonly EndedAttempt[], taking?: Taking) => Promise<Exchange>;

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
  { attempts: maxAttempts, backoff }: Pick<InboxPolicy, "attempts" | "backoff">,
): ExchangeAttempts {
  let retriesGoFirst = false;

  function end({ lease, attempt, failure }: EndedAttempt): { state: Exclude<SettledState, "lost">; row: EndedRow } {
    if (failure === undefined) return { state: "completed", row: { ...lease, state: "completed", wait_ms: 0 } };
    const isLast = failure.isFinal || attempt >= maxAttempts;
    const row = { ...lease, attempt, message: failure.message };
    if (isLast) return { state: "discarded", row: { ...row, state: "cancelled", wait_ms: 0 } };
    return { state: "retryable", row: { ...row, state: "retry", wait_ms: backoffMs(backoff, attempt) } };
  }

  return async (attempts, { limit, leaseMs } = { limit: 0, leaseMs: 0 }) => {
    const ends = attempts.map(end);
    // Retries and others by turns get the larger half, so that neither can keep the other from being taken.
    if (limit > 0) retriesGoFirst = !retriesGoFirst;
    const retriesFirst = retriesGoFirst ? Math.ceil(limit / 2) : Math.floor(limit / 2);
    const ended = toJson(ends.map(({ row }) => row));
    const rows = await run<ExchangeRow>((queue) => inSql(queue, { ended, limit, retriesFirst, leaseMs }));

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

/** What is settled and taken, in words for a statement. */
interface ExchangeValues {
  /** The attempts that ended, in JSON. */
  readonly ended: string;
  readonly limit: number;
  /** How many retries are taken before others. */
  readonly retriesFirst: number;
  readonly leaseMs: number;
}

/**
 * Settles attempts, then takes jobs: those that are the first of their key to wait, while none of their key is active or to be
 * tried again, but those that are settled here. pg-boss's unique index on these keeps the order if two processes differ.
 *
 * Jobs are looked through in their order, until there are enough, each by two looks into an index. Postgres would rather read
 * and sort all that wait, if its statistics are of a time when none did: so sorting is put out of its reach. And nothing here
 * waits for the disk: what a power cut undoes is done again.
 */
const inSql = ({ name, table, stateType }: Queue, { ended, limit, retriesFirst, leaseMs }: ExchangeValues): string => `
  SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off;
  SET LOCAL synchronous_commit = off;
  WITH settled AS (
    UPDATE ${table} AS job SET
        state = ended.state::${stateType},
        completed_on = CASE WHEN ended.state <> 'retry' THEN now() END,
        start_after = CASE ended.state
          WHEN 'retry' THEN now() + ended.wait_ms * interval '1 millisecond' ELSE job.start_after END,
        output = CASE WHEN ended.message IS NULL THEN job.output
          ELSE ${KEPT_ERRORS} || jsonb_build_object('attempt', ended.attempt, 'message', ended.message,
            'at', floor(extract(epoch FROM now()) * 1000)) END
      FROM json_to_recordset(${jsonInSql(ended)})
        AS ended (id uuid, fence text, state text, wait_ms float8, attempt integer, message text)
      WHERE job.name = '${name}' AND job.id = ended.id AND job.state = 'active' AND ${FENCE} = ended.fence
      RETURNING job.id, job.state
  ),
  retries AS (
    SELECT id, row_number() OVER () AS place FROM (
      SELECT id, is_suspect, count(*) FILTER (WHERE is_suspect) OVER (ROWS UNBOUNDED PRECEDING) AS suspects FROM (
        SELECT job.id, ${IS_SUSPECT} AS is_suspect FROM ${table} AS job
          WHERE job.name = '${name}' AND job.state = 'retry' AND NOT job.blocked AND job.start_after <= now()
          ORDER BY job.start_after LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ) AS first
    ) AS due WHERE NOT is_suspect OR (suspects = 1 AND NOT ${isSuspectRunning(name, table)})
  ),
  others AS (
    SELECT id, row_number() OVER () AS place FROM (
      SELECT job.id FROM ${table} AS job
        WHERE job.name = '${name}' AND ${isAvailable("job")}
          AND (SELECT first.id = job.id FROM ${table} AS first
            WHERE first.name = job.name AND first.singleton_key = job.singleton_key
              AND first.state < 'active' AND NOT first.blocked
            ORDER BY first.created_on LIMIT 1)
          AND NOT COALESCE((SELECT true FROM ${table} AS holder
            WHERE holder.name = job.name AND holder.singleton_key = job.singleton_key
              AND holder.state IN ('active', 'retry', 'failed') AND holder.policy = 'key_strict_fifo'
              AND holder.id NOT IN (SELECT settled.id FROM settled WHERE settled.state <> 'retry')
            LIMIT 1), false)
        ORDER BY job.priority DESC, job.created_on LIMIT ${limit} FOR UPDATE OF job SKIP LOCKED
    ) AS due
  ),
  chosen AS (
    SELECT id FROM (
      SELECT id, CASE WHEN place <= ${retriesFirst} THEN 1 ELSE 3 END AS part, place FROM retries
        UNION ALL SELECT id, 2, place FROM others
    ) AS due ORDER BY part, place LIMIT ${limit}
  ),
  taken AS (
    UPDATE ${table} AS job SET
        state = 'active',
        started_on = now(),
        heartbeat_on = now() + ${leaseMs * LEASE_SLACK} * interval '1 millisecond',
        retry_count = CASE WHEN job.started_on IS NULL THEN job.retry_count ELSE job.retry_count + 1 END
      FROM chosen WHERE job.name = '${name}' AND job.id = chosen.id
      RETURNING job.id, ${FENCE} AS fence, ${ATTEMPT} AS attempt, job.data::text, job.created_on
  )
  SELECT 'taken' AS what, id::text, fence, attempt, data, NULL::float8 AS due_ms, created_on FROM taken
    UNION ALL SELECT 'settled', id::text, NULL, NULL, NULL, NULL, NULL FROM settled
    UNION ALL SELECT 'next', NULL, NULL, NULL, NULL, (
        SELECT GREATEST(0, extract(epoch FROM job.start_after - now()) * 1000)::float8 FROM ${table} AS job
          WHERE job.name = '${name}' AND job.state = 'retry' AND NOT job.blocked
            AND (NOT ${IS_SUSPECT} OR NOT ${isSuspectRunning(name, table)})
          ORDER BY job.start_after LIMIT 1
      ), NULL
    ORDER BY created_on`;

/** Whether nobody settled the last two attempts of a job that have ended, in words for a statement. */
const IS_SUSPECT = `COALESCE(job.output->-1->>'message' = '${LEASE_ENDED}' AND job.output->-2->>'message' = '${LEASE_ENDED}', false)`;

/** Whether such a job is active, but for those that are settled here, in words for a statement. */
function isSuspectRunning(name: string, table: string): string {
  return `EXISTS (SELECT 1 FROM ${table} AS job
    WHERE job.name = '${name}' AND job.state = 'active' AND ${IS_SUSPECT} AND job.id NOT IN (SELECT settled.id FROM settled))`;
}

/** The errors of a job that are kept when another one comes, in words for a statement. */
const KEPT_ERRORS = `(CASE jsonb_typeof(job.output)
            WHEN 'array' THEN CASE WHEN jsonb_array_length(job.output) < ${MAX_KEPT_ERRORS} THEN job.output ELSE job.output - 0 END
            ELSE '[]' END)`;

/** JSON, in words for a statement: within quotes of dollars, as it can do without any. */
function jsonInSql(json: string): string {
  return `$json$${json.replaceAll("$", "\\u0024")}$json$::json`;
}

import type {
  AttemptError,
  DeliveryFilter,
  DeliveryPage,
  DeliveryRecord,
  DeliveryState,
  DeliverySummary,
  InboxStats,
} from "../delivery.ts";
import { jobId, readDelivery, toJson } from "./job.ts";
import type { Queue } from "./queue.ts";
import { ATTEMPT, isAvailable } from "./row.ts";
import type { Run } from "./run.ts";
import { diskBytes } from "./space.ts";

/** How many deliveries one statement looks through. */
const SCAN_LENGTH = 2_000;

/** Finds deliveries. */
export interface Finding {
  readonly stats: () => Promise<InboxStats>;
  readonly list: (filter: DeliveryFilter, limit: number, cursor: string | undefined) => Promise<DeliveryPage>;
  readonly get: (deliveryId: string) => Promise<DeliveryRecord | undefined>;
}

/** What becomes of a delivery in the words of pg-boss; `failed` is what somebody failed by hand, see sweep.ts. */
const STATES = {
  created: "available",
  active: "running",
  retry: "retryable",
  completed: "completed",
  cancelled: "discarded",
  failed: "discarded",
} as const satisfies Readonly<Record<string, DeliveryState>>;

type JobState = keyof typeof STATES;

interface SummaryRow {
  readonly id: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly delivery_id: string;
  readonly received_at: number;
  readonly event: string | null;
  readonly settled_at: number | null;
  readonly next_attempt_at: number | null;
}

interface RecordRow extends SummaryRow {
  readonly data: string;
  readonly errors: string;
}

/** A delivery that was found, with its place; `isFound` is false for the last that was looked through, if it does not fit. */
interface ScannedRow extends SummaryRow {
  readonly created_on: string;
  readonly is_found: boolean;
}

interface StatsRow {
  readonly counts: string;
  readonly bytes: string;
  readonly waiting_since: number | null;
  readonly next_attempt_at: number | null;
}

/** Makes what finds deliveries. */
export function createFinding(run: Run): Finding {
  return {
    async stats() {
      const [row] = await run<StatsRow>(STATS, []);
      if (row === undefined) throw new Error("Postgres has counted nothing.");
      const stats = { available: 0, running: 0, retryable: 0, completed: 0, discarded: 0 };
      const counts: Readonly<Partial<Record<JobState, number>>> = JSON.parse(row.counts);
      for (const [state, count] of Object.entries(counts)) stats[STATES[state as JobState]] += count; // as they are selected
      return {
        ...stats,
        bytes: Number(row.bytes),
        waitingSince: dateOf(row.waiting_since),
        nextAttemptAt: dateOf(row.next_attempt_at),
      };
    },
    async list(filter, limit, cursor) {
      const deliveries: DeliverySummary[] = [];
      let [createdOn, id] = cursor?.split(" ") ?? ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
      for (;;) {
        const wanted = limit - deliveries.length;
        const rows = await run<ScannedRow>(LIST, [createdOn, id, SCAN_LENGTH, ...filterValues(filter), wanted]);
        const found = rows.filter((row) => row.is_found);
        deliveries.push(...found.map(summaryOf));
        const isFull = deliveries.length === limit;
        const last = isFull ? found.at(-1) : rows.at(-1);
        if (last === undefined) return { deliveries };
        ({ created_on: createdOn, id } = last);
        if (isFull) return { deliveries, cursor: `${createdOn} ${id}` };
      }
    },
    async get(deliveryId) {
      const [row] = await run<RecordRow>(GET, [await jobId(deliveryId)]);
      if (row === undefined) return undefined;
      const { url, headers, body } = readDelivery(row.data);
      return { ...summaryOf(row), url, headers, body, errors: readErrors(row.errors) };
    },
  };
}

/** The values of a filter, as {@link LIST} takes them. */
function filterValues({ state, event, profile, database, receivedFrom, receivedBefore }: DeliveryFilter): unknown[] {
  const states = Object.entries(STATES).flatMap(([job, delivery]) =>
    state === undefined || state === delivery ? [job] : [],
  );
  const isAny = event === undefined && profile === undefined && database === undefined;
  const part = isAny ? {} : { event: { name: event, profile, database } };
  return [states, toJson(part), receivedFrom?.getTime() ?? null, receivedBefore?.getTime() ?? null];
}

function summaryOf(row: SummaryRow): DeliverySummary {
  return {
    deliveryId: row.delivery_id,
    state: STATES[row.state],
    attempt: row.attempt,
    receivedAt: new Date(row.received_at),
    event: row.event === null ? undefined : JSON.parse(row.event), // as add.ts wrote it
    settledAt: dateOf(row.settled_at),
    nextAttemptAt: dateOf(row.next_attempt_at),
  };
}

function readErrors(json: string): AttemptError[] {
  const errors: readonly { attempt: number; at: number; message: string }[] = JSON.parse(json); // as exchange.ts wrote them
  return errors.map(({ attempt, at, message }) => ({ attempt, at: new Date(at), message }));
}

function dateOf(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds);
}

function milliseconds(time: string): string {
  return `floor(extract(epoch FROM ${time}) * 1000)::float8`;
}

const RECEIVED_AT = "(job.data->>'receivedAt')::float8";

const SUMMARY = `job.id::text, job.state::text, ${ATTEMPT} AS attempt, job.data->>'deliveryId' AS delivery_id,
    ${RECEIVED_AT} AS received_at, job.data->>'event' AS event,
    ${milliseconds("job.completed_on")} AS settled_at,
    CASE job.state WHEN 'retry' THEN ${milliseconds("job.start_after")} END AS next_attempt_at`;

const GET = ({ table }: Queue): string => `
  SELECT ${SUMMARY}, job.data::text, CASE jsonb_typeof(job.output) WHEN 'array' THEN job.output ELSE '[]' END::text AS errors
    FROM ${table} AS job WHERE job.name = $1 AND job.id = $2`;

/** Looks through $4 deliveries before that of $2 and $3: returns up to $9 that fit, and the last that it looked through. */
const LIST = ({ table, stateType }: Queue): string => `
  WITH scanned AS (
    SELECT * FROM ${table} WHERE name = $1 AND (created_on, id) < ($2::timestamptz, $3::uuid)
      ORDER BY created_on DESC, id DESC LIMIT $4
  ),
  found AS (
    SELECT ${SUMMARY}, job.created_on AS place FROM scanned AS job
      WHERE job.state = ANY ($5::${stateType}[]) AND job.data @> $6::jsonb
        AND ($7::float8 IS NULL OR ${RECEIVED_AT} >= $7) AND ($8::float8 IS NULL OR ${RECEIVED_AT} < $8)
      ORDER BY job.created_on DESC, job.id DESC LIMIT $9
  ),
  ending AS (
    SELECT ${SUMMARY}, job.created_on AS place FROM scanned AS job ORDER BY job.created_on, job.id LIMIT 1
  )
  SELECT *, to_jsonb(place) #>> '{}' AS created_on FROM (
    SELECT *, true AS is_found FROM found
      UNION ALL SELECT *, false FROM ending WHERE id NOT IN (SELECT id FROM found)
  ) AS rows ORDER BY place DESC, id DESC`;

const STATS = (queue: Queue): string => `
  SELECT
    (SELECT COALESCE(jsonb_object_agg(state, count), '{}') FROM (
      SELECT state, count(*) FROM ${queue.table}
        WHERE name = $1 AND state IN ('created', 'retry', 'active', 'failed') GROUP BY state
      UNION ALL SELECT state, count(*) FROM ${queue.table}
        WHERE completed_on IS NOT NULL AND state IN ('completed', 'cancelled') GROUP BY state
    ) AS counted)::text AS counts,
    ${diskBytes(queue)} AS bytes,
    (SELECT ${RECEIVED_AT} FROM ${queue.table} AS job
      WHERE name = $1 AND ${isAvailable("job")}
      ORDER BY priority DESC, created_on LIMIT 1) AS waiting_since,
    (SELECT ${milliseconds("start_after")} FROM ${queue.table}
      WHERE name = $1 AND state = 'retry' AND NOT blocked ORDER BY start_after LIMIT 1) AS next_attempt_at`;

import { type InboxPolicy, LEASE_ENDED, type Sweep } from "../store.ts";
import type { ExchangeAttempts } from "./exchange.ts";
import type { Queue } from "./queue.ts";
import { ATTEMPT, FENCE } from "./row.ts";
import type { Run } from "./run.ts";

/** The most deliveries that a sweep settles or removes of each kind. */
const SLICE_LENGTH = 500;

/** The longest time that deliveries can be kept, in milliseconds: a thousand years, as Postgres knows no time for ever ago. */
const MAX_KEEP_MS: number = 1_000 * 365 * 24 * 60 * 60_000;

interface UnsettledRow {
  readonly id: string;
  readonly fence: string;
  readonly attempt: number;
  readonly delivery_id: string;
}

/** Makes the function that does what has to be done from time to time. */
export function createSweep(
  run: Run,
  exchange: ExchangeAttempts,
  { keep }: Pick<InboxPolicy, "keep">,
): () => Promise<Sweep> {
  async function endLeases(): Promise<{ discarded: string[]; hasMore: boolean }> {
    const attempts = await run<UnsettledRow>(UNSETTLED, [SLICE_LENGTH]);
    if (attempts.length === 0) return { discarded: [], hasMore: false };
    const failure = { message: LEASE_ENDED, isFinal: false };
    const { settled } = await exchange(
      attempts.map(({ id, fence, attempt }) => ({ lease: { id, fence }, attempt, failure })),
    );
    const discarded = attempts.filter((_, index) => settled[index] === "discarded");
    return { discarded: discarded.map((row) => row.delivery_id), hasMore: attempts.length === SLICE_LENGTH };
  }

  return async () => {
    const { discarded, hasMore } = await endLeases();
    const failed = await run<{ readonly delivery_id: string }>(FREE_KEYS, []);
    const kept = [keep.completedMs, keep.discardedMs].map((milliseconds) => Math.min(milliseconds, MAX_KEEP_MS));
    const removed = await run(REMOVE, [...kept, SLICE_LENGTH]);
    return {
      discarded: [...discarded, ...failed.map((row) => row.delivery_id)],
      hasMore: hasMore || removed.length >= SLICE_LENGTH,
    };
  };
}

/** The attempts whose lease has run out. */
const UNSETTLED = ({ table }: Queue): string => `
  SELECT id::text, ${FENCE} AS fence, ${ATTEMPT} AS attempt, data->>'deliveryId' AS delivery_id FROM ${table} AS job
    WHERE name = $1 AND state = 'active' AND heartbeat_on < now() LIMIT $2`;

/** Discards what somebody failed by hand, with pg-boss itself: it would hold back the later ones of its key for ever. */
const FREE_KEYS = ({ table }: Queue): string => `
  UPDATE ${table} SET state = 'cancelled' WHERE name = $1 AND state = 'failed' RETURNING data->>'deliveryId' AS delivery_id`;

/** Removes a slice of what has been kept long enough: $2 milliseconds if it is completed, $3 if it is discarded. */
const REMOVE = ({ table }: Queue): string => `
  DELETE FROM ${table} WHERE name = $1 AND id = ANY (ARRAY(
    (${oldIds(table, "completed", "$2")}) UNION ALL (${oldIds(table, "cancelled", "$3")})
  )) RETURNING 1`;

function oldIds(table: string, state: string, milliseconds: string): string {
  return `SELECT id FROM (SELECT id FROM ${table}
      WHERE state = '${state}' AND completed_on < now() - ${milliseconds} * interval '1 millisecond'
      ORDER BY completed_on LIMIT $4 FOR UPDATE SKIP LOCKED) AS old`;
}

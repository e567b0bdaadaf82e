/** What an attempt is known by, in words for a statement: how often its job was taken before, and when it was taken. */
export const FENCE = "(job.retry_count || ' ' || extract(epoch FROM job.started_on))";

/**
 * Which attempt it is, or was last, in words for a statement; 0 before the first. A replay begins anew: it notes how often the
 * job had been taken before.
 */
export const ATTEMPT =
  "CASE WHEN job.started_on IS NULL THEN 0 ELSE job.retry_count - COALESCE(job.source_retry_count, -1) END";

/**
 * Whether a job is available, in words for a statement. They keep Postgres from the index by state, which it would take for what
 * it has no statistics of yet, to read and sort all that waits; there is one that has them in their order.
 */
export function isAvailable(job: string): string {
  return `${job}.state < 'active' AND ${job}.state::text = 'created' AND NOT ${job}.blocked`;
}

/** What an attempt is known by, in words for a statement: how often its job was taken before, and when it was taken. */
export const FENCE = "(job.retry_count || ' ' || extract(epoch FROM job.started_on))";

/**
 * Which attempt it is, or was last, in words for a statement; 0 before the first. A replay begins anew: it notes how often the
 * job had been taken before.
 */
export const ATTEMPT =
  "CASE WHEN job.started_on IS NULL THEN 0 ELSE job.retry_count - COALESCE(job.source_retry_count, -1) END";

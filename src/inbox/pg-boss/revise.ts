import { jobId } from "./job.ts";
import type { Queue } from "./queue.ts";
import type { Run } from "./run.ts";

/** Changes the state of deliveries by hand. */
export interface Revision {
  /** Makes deliveries available that are settled or retryable; resolves to how many. */
  readonly replay: (deliveryIds: readonly string[]) => Promise<number>;
  /** Gives a delivery up that is available or retryable; resolves to whether it was. */
  readonly discard: (deliveryId: string) => Promise<boolean>;
}

/** Makes what changes the state of deliveries by hand. */
export function createRevision(run: Run): Revision {
  return {
    async replay(deliveryIds) {
      return (await run(REPLAY, [await Promise.all(deliveryIds.map(jobId))])).length;
    },
    async discard(deliveryId) {
      return (await run(DISCARD, [await jobId(deliveryId)])).length > 0;
    },
  };
}

/** Attempts begin anew, but the count that tells them apart goes on. */
const REPLAY = ({ table }: Queue): string => `
  UPDATE ${table} SET state = 'created', completed_on = NULL, start_after = now(),
      source_retry_count = CASE WHEN started_on IS NOT NULL THEN retry_count END
    WHERE name = $1 AND id = ANY($2::uuid[]) AND state IN ('retry', 'completed', 'cancelled', 'failed') RETURNING 1`;

const DISCARD = ({ table }: Queue): string => `
  UPDATE ${table} SET state = 'cancelled', completed_on = now()
    WHERE name = $1 AND id = $2 AND state IN ('created', 'retry') RETURNING 1`;

import { InboxUnavailableError } from "../errors.ts";
import type { Queue } from "./queue.ts";
import type { Run } from "./run.ts";

/** The space of an inbox. */
export interface Space {
  /**
   * Claims space for bytes that are about to be added.
   *
   * @throws {InboxUnavailableError} If the inbox would exceed `maxBytes`.
   */
  readonly claim: (bytes: number, withinMs: number) => Promise<void>;
}

/** For how long a measurement holds, in milliseconds. */
const MEASURED_FOR_MS = 1_000;

/** Makes what keeps an inbox within its `maxBytes`. */
export function createSpace(run: Run, maxBytes: number): Space {
  let used = 0;
  let measuredAt = Number.NEGATIVE_INFINITY;
  return {
    async claim(bytes, withinMs) {
      const now = performance.now();
      if (now - measuredAt > MEASURED_FOR_MS) {
        used = await measure(ON_DISK, withinMs);
        // Postgres keeps the space of what was removed for what comes: it is free, though the files stay as long as they are.
        if (used + bytes > maxBytes) used = Math.min(used, await measure(IN_USE, withinMs));
        measuredAt = now;
      }
      if (used + bytes > maxBytes) {
        throw new InboxUnavailableError(
          `The inbox is full: ${used} of maxBytes ${maxBytes} are used. Work through it, or give it more.`,
        );
      }
      used += bytes;
    },
  };

  async function measure(statement: (queue: Queue) => string, withinMs: number): Promise<number> {
    const [row] = await run<{ readonly bytes: string }>(statement, [], { withinMs });
    return Number(row?.bytes ?? 0);
  }
}

/** The bytes of an inbox's files, its indexes included, in words for a statement. */
export function diskBytes({ table }: Queue): string {
  return `pg_total_relation_size('${table}')::text`;
}

const ON_DISK = (queue: Queue): string => `SELECT ${diskBytes(queue)} AS bytes, $1::text AS name`;

/** As many rows as Postgres knows of, times what one of the latest takes, with its entries in the indexes. */
const IN_USE = ({ table }: Queue): string => `
  SELECT (rows * (row_bytes + 1000))::bigint::text AS bytes FROM
    (SELECT n_live_tup AS rows FROM pg_stat_all_tables WHERE relid = '${table}'::regclass) AS counted,
    (SELECT COALESCE(AVG(pg_column_size(data)), 0) AS row_bytes FROM
      (SELECT data FROM ${table} WHERE name = $1 ORDER BY created_on DESC LIMIT 100) AS latest) AS measured`;

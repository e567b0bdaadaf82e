import { InboxUnavailableError } from "../errors.ts";
import type { PgBossClient, PgBossQueue } from "./client.ts";

/** What names an inbox on Postgres. */
export interface QueueName {
  /** The name of its queue. */
  readonly name: string;
  /** The schema of pg-boss. */
  readonly schema: string;
}

/** Where the jobs of a queue are, in words for a statement. */
export interface Queue {
  readonly name: string;
  /** The table that has them, and no others. */
  readonly table: string;
  /** The type of their states. */
  readonly stateType: string;
}

/** The first version of pg-boss's tables with the indexes that an inbox needs: that of pg-boss 12.38. */
const LEAST_SCHEMA_VERSION = 46;

/** Finds the queue of an inbox, or makes it. */
export async function openQueue(boss: PgBossClient, { name, schema }: QueueName): Promise<Queue> {
  await checkTables(boss);
  let queue = await boss.getQueue(name);
  if (queue === null) {
    await boss.createQueue(name, { policy: "key_strict_fifo", partition: true });
    queue = await boss.getQueue(name);
  }
  const opened = describe(queue, { name, schema });
  await addIndex(boss, schema, opened.ownTable);
  return opened;
}

/** Finds the queue of an inbox that is there. */
export async function findQueue(boss: PgBossClient, { name, schema }: QueueName): Promise<Queue> {
  await checkTables(boss);
  const queue = await boss.getQueue(name);
  if (queue !== null) return describe(queue, { name, schema });
  throw new InboxUnavailableError(`There is no inbox "${name}" in the schema ${schema} of this database.`);
}

async function checkTables(boss: PgBossClient): Promise<void> {
  const version = await boss.schemaVersion();
  if (version !== null && version >= LEAST_SCHEMA_VERSION) return;
  throw new InboxUnavailableError(
    `pgBossInbox needs the tables of pg-boss 12.38 or newer, of version ${LEAST_SCHEMA_VERSION}, and found ${version === null ? "none" : `version ${version}`}: await boss.start() first.`,
  );
}

function describe(
  queue: PgBossQueue | null,
  { name, schema }: QueueName,
): Queue & { /** Without its schema. */ readonly ownTable: string } {
  if (queue?.policy === "key_strict_fifo" && queue.partition === true) {
    return { name, ownTable: queue.table, table: `${schema}.${queue.table}`, stateType: `${schema}.job_state` };
  }
  throw new InboxUnavailableError(
    `pg-boss has a queue "${name}" that is none of an inbox: give pgBossInbox another name.`,
  );
}

/** Adds the index that settled deliveries are counted and removed by: pg-boss has none by state. */
async function addIndex(boss: PgBossClient, schema: string, table: string): Promise<void> {
  const index = `${table}_kept`;
  const { rows } = await boss
    .getDb()
    .executeSql("SELECT to_regclass($1)::text AS table, to_regclass($2)::text AS index", [
      `${schema}.${table}`,
      `${schema}.${index}`,
    ]);
  const [found] = rows as [{ readonly table: string | null; readonly index: string | null }]; // as it is selected
  if (found.table === null) {
    throw new InboxUnavailableError(
      `The schema ${schema} has no tables of pg-boss: give pgBossInbox the option schema that your PgBoss has.`,
    );
  }
  if (found.index !== null) return;
  await boss
    .getDb()
    .executeSql(
      `CREATE INDEX IF NOT EXISTS ${index} ON ${schema}.${table} (state, completed_on) WHERE completed_on IS NOT NULL`,
    );
}

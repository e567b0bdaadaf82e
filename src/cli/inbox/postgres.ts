import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { InspectedInbox } from "../../inbox/inspect.ts";
import type { PgBossClient } from "../../inbox/pg-boss/client.ts";
import { CommandError, exitCodes, unavailableError } from "../frame/exit.ts";

/** The part of pg-boss that is used. */
interface PgBossModule {
  readonly PgBoss: new (
    options: object,
  ) => PgBossClient & {
    readonly on: (event: "error", listener: () => void) => void;
    readonly start: () => Promise<unknown>;
    readonly stop: (options: object) => Promise<void>;
  };
}

/** What names an inbox within a database. */
export interface NameInPostgres {
  /** Its queue. */
  readonly queue: string | undefined;
  /** The schema of pg-boss. */
  readonly schema: string | undefined;
}

/** Only looks and does what it is told: no tables are made or changed, nothing is scheduled or swept, nobody is registered. */
const PASSIVE = {
  migrate: false,
  createSchema: false,
  supervise: false,
  schedule: false,
  registerInstance: false,
  max: 1,
};

/** Opens an inbox in Postgres, through the pg-boss of the user's own project. */
export async function openPostgres(url: string, { queue, schema }: NameInPostgres): Promise<InspectedInbox> {
  const { PgBoss } = await importPgBoss();
  const { inspectPgBossInbox } = await import("../../inbox/pg-boss.ts");
  const boss = new PgBoss({ connectionString: url, ...(schema !== undefined && { schema }), ...PASSIVE });
  boss.on("error", () => {}); // the statement that failed tells it
  const close = (): Promise<void> => boss.stop({ graceful: false });
  try {
    await boss.start();
    const inbox = inspectPgBossInbox(boss, { name: queue, schema });
    return {
      ...inbox,
      async stop() {
        await inbox.stop();
        await close();
      },
    };
  } catch (cause) {
    await close();
    if (cause instanceof Error && "code" in cause && cause.code === "invalid_option") throw cause;
    throw explainPostgresError(cause, schema);
  }
}

/** What is wrong, in words that tell pg-boss in a folder from its tables in a database. */
function explainPostgresError(cause: unknown, schema = "pgboss"): Error {
  const told = cause instanceof Error ? cause.message : "";
  if (told === "pg-boss is not installed") {
    const message = `There is no inbox in this database: its schema ${schema} has no tables of pg-boss.`;
    return new CommandError(exitCodes.unavailable, message, { cause });
  }
  if (told === "pg-boss database requires migrations") {
    const message = `The tables of the schema ${schema} are those of another version of pg-boss: install here what your server has.`;
    return new CommandError(exitCodes.unavailable, message, { cause });
  }
  return unavailableError("The inbox in Postgres can't be opened", cause);
}

async function importPgBoss(): Promise<PgBossModule> {
  let path: string;
  try {
    path = createRequire(join(process.cwd(), "package.json")).resolve("pg-boss");
  } catch (cause) {
    const message = "An inbox in Postgres needs pg-boss, which this folder does not have: npm install pg-boss.";
    throw new CommandError(exitCodes.unavailable, message, { cause });
  }
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    throw unavailableError("pg-boss can't be loaded; it needs Node 22.12, Bun or Deno", cause);
  }
}

import { createInspectedInbox, type InspectedInbox } from "../inspect.ts";
import type { PgBossClient } from "./client.ts";
import { createFinding } from "./find.ts";
import { type PgBossInboxOptions, readClient } from "./inbox.ts";
import { findQueue } from "./queue.ts";
import { createRevision } from "./revise.ts";
import { createRun } from "./run.ts";

/**
 * Opens an inbox on Postgres that is there already, to look at it and to change it by hand while other processes receive into it
 * and work through it: for a page of your own, or a script. It makes no queue, and neither works nor tidies up. What it replays
 * is taken by the processes that work.
 *
 * @param boss Your `PgBoss`, started. To stop the inbox does not stop it.
 * @param options What the inbox's queue and the schema of pg-boss are called.
 * @returns The inbox.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 * @throws {InboxUnavailableError} If the version of Node is one that pg-boss does not run on; later, if there is no such inbox.
 *
 * @example
 * ```ts
 * import { inspectPgBossInbox, type PgBossClient } from "copernica-webhooks/inbox/pg-boss";
 *
 * declare const boss: PgBossClient; // new PgBoss("postgres://user:password@host/database"), started
 *
 * const inbox = inspectPgBossInbox(boss);
 * console.log(await inbox.replay({ event: "profile.create" }));
 * ```
 */
export function inspectPgBossInbox(
  boss: PgBossClient,
  options: Pick<PgBossInboxOptions, "name" | "schema"> = {},
): InspectedInbox {
  const { boss: client, ...queueName } = readClient("inspectPgBossInbox", { boss, ...options });
  const run = createRun(client, queueName, findQueue);
  return createInspectedInbox({ ...createFinding(run), ...createRevision(run), close() {} });
}

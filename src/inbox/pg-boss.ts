/**
 * The inbox on Postgres, through [pg-boss](https://www.npmjs.com/package/pg-boss): for those who receive and work on several
 * machines.
 *
 * @example
 * ```ts ignore
 * import { createWebhookHandler } from "copernica-webhooks";
 * import { pgBossInbox } from "copernica-webhooks/inbox/pg-boss";
 * import { PgBoss } from "pg-boss";
 *
 * const boss = new PgBoss("postgres://user:password@host/database");
 * boss.on("error", console.error);
 * await boss.start();
 * const inbox = pgBossInbox(boss);
 * ```
 *
 * @module
 */

export type { PgBossClient, PgBossDatabase, PgBossQueue } from "./pg-boss/client.ts";
export { type PgBossInboxOptions, pgBossInbox } from "./pg-boss/inbox.ts";
export { inspectPgBossInbox } from "./pg-boss/inspect.ts";

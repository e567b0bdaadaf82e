/**
 * The inbox in a file of SQLite, the one that needs nothing beside it.
 *
 * @example
 * ```ts
 * import { sqliteInbox } from "copernica-webhooks/inbox/sqlite";
 *
 * const inbox = sqliteInbox("inbox.db");
 * ```
 *
 * @module
 */

export { sqliteInbox } from "./sqlite/inbox.ts";
export { inspectSqliteInbox } from "./sqlite/inspect.ts";

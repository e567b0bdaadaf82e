import { createInbox, type Inbox } from "../inbox.ts";
import type { InboxOptions } from "../options.ts";
import { openSqliteStore } from "./store.ts";

/**
 * Makes an inbox in a file of SQLite: what the handler answers 200 is on disk. Several processes of one machine can share the
 * file, each with an inbox of its own. Needs Node 22.13, Deno 2.2, Bun 1.4 or newer, and a local disk.
 *
 * @param path Where the file is; it is made if it is not there, readable for its owner alone.
 * @param options How deliveries are worked through, and how long they are kept.
 * @returns The inbox, for the option `inbox` of a handler.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 * @throws {InboxUnavailableError} If the file can't be opened, or the runtime has no SQLite.
 *
 * @example
 * ```ts
 * import { sqliteInbox } from "copernica-webhooks/inbox/sqlite";
 *
 * const inbox = sqliteInbox("inbox.db", { concurrency: 20 });
 * console.log(await inbox.stats());
 * await inbox.stop();
 * ```
 */
export function sqliteInbox(path: string, options: InboxOptions = {}): Inbox {
  return createInbox((policy) => openSqliteStore(path, policy), options, "sqliteInbox");
}

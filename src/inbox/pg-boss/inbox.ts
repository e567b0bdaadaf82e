import { objectWith, withDefault } from "../../options/readers.ts";
import { invalidOption, type OptionReader, settleOptions } from "../../options/settle.ts";
import { InboxUnavailableError } from "../errors.ts";
import { createInbox, type Inbox } from "../inbox.ts";
import type { InboxOptions } from "../options.ts";
import type { PgBossClient } from "./client.ts";
import type { QueueName } from "./queue.ts";
import { openPgBossStore } from "./store.ts";

/** The options of an inbox on Postgres. */
export interface PgBossInboxOptions extends InboxOptions {
  /**
   * The name of its queue: letters, digits, `-`, `_`, `.` and `/`. Processes that share an inbox give it the same name.
   *
   * @default "copernica"
   */
  readonly name?: string | undefined;
  /**
   * The schema that pg-boss has its tables in: the option `schema` of your `PgBoss`, if you gave it one.
   *
   * @default "pgboss"
   */
  readonly schema?: string | undefined;
}

/**
 * Makes an inbox on Postgres: what the handler answers 200 is on the disk of its server. Any number of processes and machines
 * can receive into it and work through it, each with an inbox of its own of the same name. Needs pg-boss 12.38 or newer, and so
 * Node 22.12, Deno or Bun.
 *
 * To take deliveries takes no longer for a long backlog. It does for those that wait behind another one of their profile, which
 * is being tried again: with 20,000 of them before all others, some 15 times as long as with none. Leases and waits are timed by
 * the clock of the server, which must not be set while attempts are being made.
 *
 * @param boss Your `PgBoss`, started. The inbox makes a queue of its own in it; to stop the inbox does not stop it.
 * @param options How deliveries are worked through, how long they are kept, and what the queue is called.
 * @returns The inbox, for the option `inbox` of a handler.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 * @throws {InboxUnavailableError} If the version of Node is one that pg-boss does not run on.
 *
 * @example
 * ```ts
 * import { type PgBossClient, pgBossInbox } from "copernica-webhooks/inbox/pg-boss";
 *
 * declare const boss: PgBossClient; // new PgBoss("postgres://user:password@host/database"), started
 *
 * const inbox = pgBossInbox(boss, { concurrency: 20 });
 * console.log(await inbox.stats());
 * await inbox.stop();
 * ```
 */
export function pgBossInbox(boss: PgBossClient, options: PgBossInboxOptions = {}): Inbox {
  const owner = "pgBossInbox";
  const { name: givenName, schema: givenSchema, ...others } = options;
  const { boss: client, name, schema } = readClient(owner, { boss, name: givenName, schema: givenSchema });
  return createInbox((policy) => openPgBossStore(client, { name, schema }, policy), others, owner);
}

/**
 * Checks the client, and what names an inbox in its database.
 *
 * @param owner What takes them, as its user names it.
 * @throws {InvalidOptionError} If one can't be used.
 * @throws {InboxUnavailableError} If the version of Node is one that pg-boss does not run on.
 */
export function readClient(owner: string, given: object): QueueName & { readonly boss: PgBossClient } {
  checkRuntime();
  return settleOptions(owner, given, readers);
}

const readers = {
  boss: objectWith<PgBossClient>("getDb", "schemaVersion", "getQueue", "createQueue"),
  name: withDefault(() => "copernica", matching(/^[\w./-]{1,100}$/, "a name of letters, digits, -, _, . and /")),
  // It stands in statements as pg-boss puts it there: as it is, within quotes or not.
  schema: withDefault(
    () => "pgboss",
    matching(/^(?:[A-Za-z_]\w{0,49}|"[^"'%$.\\\p{Cc}]{1,50}")$/u, "the schema that your PgBoss has"),
  ),
};

function matching(pattern: RegExp, expected: string): OptionReader<string> {
  return (given, option) => {
    if (typeof given === "string" && pattern.test(given)) return given;
    throw invalidOption(option, expected, given);
  };
}

/** What Node has that tells its version; Bun and Deno tell that of the Node that they are like. */
interface NodeLike {
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** Refuses the versions of Node that pg-boss does not run on. */
function checkRuntime(): void {
  const version = (globalThis as NodeLike).process?.versions?.node; // nothing but optional properties
  const [major = 0, minor = 0] = version?.split(".").map(Number) ?? [];
  if (version === undefined || major > 22 || (major === 22 && minor >= 12)) return;
  throw new InboxUnavailableError(
    `pgBossInbox needs Node 22.12 or newer, as pg-boss does, and this is ${version}: update Node.`,
  );
}

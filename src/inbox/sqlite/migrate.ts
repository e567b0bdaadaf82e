import { InboxUnavailableError } from "../errors.ts";
import type { Database } from "./driver.ts";
import { APPLICATION_ID } from "./schema.ts";

/**
 * Brings a file to the latest version of the schema, in one transaction; an empty one from the start.
 *
 * @param database The file.
 * @param path Its path, for errors.
 * @param steps The steps from each version to the next.
 * @throws {InboxUnavailableError} If the file is of a newer version, or no inbox.
 */
export function migrate(database: Database, path: string, steps: readonly string[]): void {
  if (versionOf(database, path, steps) === steps.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database, path, steps); // another process may have been faster
    for (const step of steps.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Checks that a file is an inbox of the latest version of the schema.
 *
 * @param database The file.
 * @param path Its path, for errors.
 * @param steps The steps from each version to the next.
 * @throws {InboxUnavailableError} If it is not.
 */
export function checkVersion(database: Database, path: string, steps: readonly string[]): void {
  const version = versionOf(database, path, steps);
  if (version === 0) throw new InboxUnavailableError(`${path} is no inbox: it is empty.`);
  if (version < steps.length) {
    throw new InboxUnavailableError(
      `${path} was written by an older copernica-webhooks: its schema has version ${version}, this package knows ${steps.length}. Start your server with this package, which brings it up to date.`,
    );
  }
}

function versionOf(database: Database, path: string, steps: readonly string[]): number {
  const version = pragma(database, "user_version");
  const isInbox = pragma(database, "application_id") === APPLICATION_ID;
  const { tables } = database.prepare<{ tables: number }>("SELECT COUNT(*) AS tables FROM sqlite_schema").get() ?? {};
  if (!isInbox && (tables !== 0 || version !== 0)) {
    throw new InboxUnavailableError(
      `${path} is a database of something else, and no inbox: give the inbox a file of its own.`,
    );
  }
  if (version > steps.length) {
    throw new InboxUnavailableError(
      `${path} was written by a newer copernica-webhooks: its schema has version ${version}, this package knows ${steps.length}. Update the package.`,
    );
  }
  return version;
}

function pragma(database: Database, name: "application_id" | "user_version"): number {
  return database.prepare<Readonly<Record<string, number>>>(`PRAGMA ${name}`).get()?.[name] ?? 0;
}

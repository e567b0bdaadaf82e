import { InvalidOptionError } from "../../errors.ts";
import { InboxUnavailableError } from "../errors.ts";
import { type Database, type Driver, isSqliteError, loadDriver } from "./driver.ts";
import { checkVersion, migrate } from "./migrate.ts";
import { STEPS } from "./schema.ts";
import { BLOCKING_WAIT_MS } from "./write.ts";

/** A file that holds personal data is for its owner alone. */
const FILE_MODE = 0o600;

/** How long a file is waited for that others hold the lock of, in milliseconds. */
const OPEN_WAIT_MS = 5_000;

/** How long to wait before a lock is tried again, in milliseconds. */
const OPEN_RETRY_MS = 10;

/** The pages of the WAL from which on SQLite writes it back to the file by itself: see write-back.ts for who does it before. */
const CHECKPOINT_PAGES = 4_000;

/** How much of the file is kept in memory, in KiB. */
const CACHE_KIB = 16_384;

/** On macOS a sync reaches the disk only so. */
const SYNC = "PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;";

/** The files that this process has open. Two connections of one process would not see each other's locks of files. */
const openFiles = new Set<string>();

/** A file that is open. */
export interface OpenFile {
  readonly database: Database;
  /** The version of SQLite: `3.51.3`. */
  readonly version: string;
  readonly close: () => void;
}

/** A file that is open for an inbox of this process. */
export interface OwnFile extends OpenFile {
  /** Whether no other process has it open. */
  readonly isAlone: boolean;
  /**
   * Resolves once all that was committed before is on disk, also by other processes; nothing else waits meanwhile. Undefined
   * if SQLite itself has to sync each transaction, and blocks the process for it.
   */
  readonly sync: (() => Promise<void>) | undefined;
}

/**
 * Opens the file of an inbox, makes it if it is not there, and brings it to the latest version.
 *
 * @param path Where it is.
 * @param takeOver Called while no other process can open it, if none has.
 * @throws {InvalidOptionError} If the path can't be one.
 * @throws {InboxUnavailableError} If it can't be opened.
 */
export function openFile(path: string, takeOver: (database: Database) => void): OwnFile {
  const { isAlone, log, ...file } = openWith(path, makeFile, (database, driver, realPath) => {
    prepare(database, path);
    return { isAlone: retryWhileLocked(() => beAlone(database, takeOver)), log: openLog(driver, realPath) };
  });
  return {
    ...file,
    isAlone,
    sync: log?.sync,
    close() {
      log?.close();
      file.close();
    },
  };
}

/**
 * Opens the file of an inbox that is there, beside the processes that use it: makes and changes nothing, and takes no lock for
 * itself alone.
 *
 * @param path Where it is.
 * @throws {InvalidOptionError} If the path can't be one.
 * @throws {InboxUnavailableError} If it is not there, can't be opened, or is no inbox of this version.
 */
export function openExistingFile(path: string): OpenFile {
  return openWith(path, findFile, (database) => {
    database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}; ${SYNC}`);
    retryWhileLocked(() => checkVersion(database, path, STEPS));
    return {};
  });
}

/** Opens a file that `locate` finds or makes, and prepares it; closes it again if that fails. */
function openWith<Known extends object>(
  path: string,
  locate: (driver: Driver, path: string) => string,
  prepare: (database: Database, driver: Driver, realPath: string) => Known,
): OpenFile & Known {
  checkPath(path);
  const driver = loadDriver();
  const realPath = locate(driver, path);
  if (openFiles.has(realPath)) {
    throw new InvalidOptionError(
      `${path} is open in this process already: make one inbox, and stop it before another.`,
    );
  }
  const database = connect(driver, path);
  try {
    const known = prepare(database, driver, realPath);
    const { version = "" } = database.prepare<{ version: string }>("SELECT sqlite_version() AS version").get() ?? {};
    openFiles.add(realPath);
    return {
      ...known,
      database,
      version,
      close() {
        openFiles.delete(realPath);
        database.close();
      },
    };
  } catch (cause) {
    database.close();
    throw unavailable(path, cause);
  }
}

/**
 * Opens the write-ahead log, to sync it: what is committed is there, or else was synced as it was written back. It is never
 * replaced while a connection is open, and SQLite keeps its locks elsewhere, so that to close it drops none. On Linux alone:
 * what other systems have by the name of a sync may leave data in the cache of the disk.
 */
function openLog(
  { files, platform }: Driver,
  realPath: string,
): { readonly sync: () => Promise<void>; readonly close: () => void } | undefined {
  if (platform !== "linux") return undefined;
  const file = files.openSync(`${realPath}-wal`, "r");
  return {
    sync: () =>
      new Promise((resolve, reject) => {
        files.fdatasync(file, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => files.closeSync(file),
  };
}

function checkPath(path: unknown): asserts path is string {
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new InvalidOptionError("An inbox of SQLite takes the path of a file.");
  }
  if (path.startsWith(":") || path.startsWith("file:")) {
    throw new InvalidOptionError(
      `An inbox of SQLite takes the path of a file, not ${path}; memoryInbox keeps one in memory.`,
    );
  }
}

/** Makes the file if it is not there; resolves links, so that it is known by one name. */
function makeFile({ files }: Driver, path: string): string {
  try {
    // Only if it is not there: to close a file that SQLite has open would drop its locks.
    files.closeSync(files.openSync(path, "wx", FILE_MODE));
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw unavailable(path, cause);
  }
  return files.realpathSync(path);
}

/** The file's own name, links resolved. */
function findFile({ files }: Driver, path: string): string {
  try {
    return files.realpathSync(path);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw unavailable(path, cause);
    throw new InboxUnavailableError(`There is no inbox ${path}: the file does not exist.`, { cause });
  }
}

function connect({ DatabaseSync }: Driver, path: string): Database {
  try {
    return new DatabaseSync(path);
  } catch (cause) {
    throw unavailable(path, cause);
  }
}

function prepare(database: Database, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`);
  const { journal_mode: mode } =
    retryWhileLocked(() => database.prepare<{ journal_mode: string }>("PRAGMA journal_mode = WAL").get()) ?? {};
  if (mode !== "wal") {
    throw new InboxUnavailableError(`${path} lies where SQLite can't keep a write-ahead log: put it on a local disk.`);
  }
  database.exec(`
    PRAGMA synchronous = FULL;
    ${SYNC}
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -${CACHE_KIB};
  `);
  retryWhileLocked(() => migrate(database, path, STEPS));
  // Opens fail here, not when the first delivery comes: the file or its folder may be read-only.
  retryWhileLocked(() => database.exec("BEGIN IMMEDIATE; UPDATE summary SET last_id = last_id; COMMIT"));
}

/**
 * Whether this is the only connection: then it gets a lock that no other connection, even an idle one, lets it have.
 *
 * @param act What to do while it has it.
 */
function beAlone(database: Database, act: (database: Database) => void): boolean {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  try {
    database.exec("BEGIN IMMEDIATE");
    act(database);
    database.exec("COMMIT");
    return true;
  } catch (error) {
    if (isSqliteError(error, "busy")) return false;
    throw error;
  } finally {
    // The lock is given back by the next reading.
    database.exec("PRAGMA locking_mode = NORMAL");
    database.prepare("SELECT last_id FROM summary").get();
  }
}

/** Does what may meet a lock, again until it does not: others hold theirs for milliseconds. */
function retryWhileLocked<Result>(act: () => Result): Result {
  const giveUpAt = performance.now() + OPEN_WAIT_MS;
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (performance.now() > giveUpAt || !isSqliteError(error, "busy")) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_RETRY_MS); // nobody wakes it: it sleeps
  }
}

function unavailable(path: string, cause: unknown): Error {
  if (cause instanceof InboxUnavailableError || cause instanceof InvalidOptionError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InboxUnavailableError(`The inbox ${path} can't be opened: ${explainFailure(cause) ?? reason}.`, { cause });
}

function explainFailure(cause: unknown): string | undefined {
  if (cause instanceof Error && "code" in cause) {
    if (cause.code === "ENOENT") return "its folder is not there";
    if (cause.code === "ENOTDIR") return "its folder is a file";
    if (cause.code === "EACCES" || cause.code === "EPERM") return "this process may not write there";
    if (cause.code === "EROFS") return "it lies on a read-only file system";
  }
  if (isSqliteError(cause, "notADatabase")) return "it is no database";
  if (isSqliteError(cause, "readOnly")) return "it is read-only, or its folder is";
  if (isSqliteError(cause, "cannotOpen")) return "it is a folder, or this process may not read it";
  if (isSqliteError(cause, "busy")) return "another process holds its lock";
  return undefined;
}

import { nodeModule } from "../../runtime.ts";
import { InboxUnavailableError } from "../errors.ts";

/** A value of SQLite. */
export type SqlValue = null | number | string | Uint8Array;

/** The part of a statement of `node:sqlite` that is used. */
export interface Statement<Row = unknown> {
  readonly run: (...values: SqlValue[]) => { readonly changes: number | bigint };
  readonly get: (...values: SqlValue[]) => Row | undefined;
  readonly all: (...values: SqlValue[]) => Row[];
}

/** The part of a connection of `node:sqlite` that is used. */
export interface Database {
  readonly exec: (sql: string) => void;
  /** Prepares a statement; `Row` says what it selects. */
  readonly prepare: <Row>(sql: string) => Statement<Row>;
  readonly close: () => void;
}

/** The part of `node:sqlite` that is used. Its own types are not: they would be those of one runtime. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => Database;
}

/** The part of `node:fs` that is used. */
interface NodeFiles {
  readonly openSync: (path: string, flags: "wx" | "r", mode?: number) => number;
  readonly closeSync: (file: number) => void;
  readonly fdatasync: (file: number, done: (error: Error | null) => void) => void;
  readonly realpathSync: (path: string) => string;
}

/** The part of `node:os` that is used. */
interface NodeSystem {
  readonly platform: () => string;
}

/** SQLite and the files of this runtime. */
export interface Driver {
  readonly DatabaseSync: NodeSqlite["DatabaseSync"];
  readonly files: NodeFiles;
  /** The system, as Node names it: `linux`. */
  readonly platform: string;
}

/**
 * Loads SQLite.
 *
 * @throws {InboxUnavailableError} If this runtime has none.
 */
export function loadDriver(): Driver {
  const sqlite = nodeModule("node:sqlite") as NodeSqlite | undefined; // as Node documents it
  const files = nodeModule("node:fs") as NodeFiles | undefined; // as Node documents it
  const os = nodeModule("node:os") as NodeSystem | undefined; // as Node documents it
  try {
    if (sqlite === undefined || files === undefined || os === undefined)
      throw new TypeError("It is no module of this runtime.");
    new sqlite.DatabaseSync(":memory:").close(); // workerd has a module that can't be used
    return { DatabaseSync: sqlite.DatabaseSync, files, platform: os.platform() };
  } catch (cause) {
    throw new InboxUnavailableError(
      "An inbox in a file needs node:sqlite, which this runtime lacks: use Node 22.13, Deno 2.2, Bun 1.4 or newer.",
      { cause },
    );
  }
}

/** The errors of SQLite that are told apart: by their primary code, and by their text, as Deno gives no code. */
const ERRORS = {
  busy: { codes: [5, 6], text: "is locked" },
  full: { codes: [13], text: "disk is full" },
  readOnly: { codes: [8], text: "readonly database" },
  cannotOpen: { codes: [14], text: "unable to open" },
  notADatabase: { codes: [26], text: "not a database" },
} as const;

/** Whether something thrown is this error of SQLite. */
export function isSqliteError(thrown: unknown, name: keyof typeof ERRORS): boolean {
  if (!(thrown instanceof Error)) return false;
  const { codes, text } = ERRORS[name];
  if (!("errcode" in thrown) || typeof thrown.errcode !== "number") return thrown.message.includes(text);
  return (codes as readonly number[]).includes(thrown.errcode & 0xff); // the rest of the code is its variety
}

import process from "node:process";

/** The times that what blocks a process took, in milliseconds. */
export interface DatabaseTimes {
  /** From a transaction's beginning, of those that remove deliveries, until it was committed: others can't write meanwhile. */
  readonly removing: number[];
  /** To write the log back to the file. */
  readonly writingBack: number[];
}

/** Has the SQLite of this process tell, from now on, how long it blocks. */
export function timeDatabases(): DatabaseTimes {
  const times: DatabaseTimes = { removing: [], writingBack: [] };
  const { prototype } = loadSqlite().DatabaseSync;
  const { exec, prepare } = prototype;
  let beganAt = 0;
  let isRemoving = false;
  const watched: Readonly<Record<string, (run: () => unknown) => unknown>> = {
    "BEGIN IMMEDIATE"(run) {
      beganAt = performance.now();
      isRemoving = false;
      return run();
    },
    "DELETE FROM delivery WHERE id = ?"(run) {
      isRemoving = true;
      return run();
    },
    COMMIT(run) {
      const result = run();
      if (isRemoving) times.removing.push(performance.now() - beganAt);
      return result;
    },
  };
  Object.assign(prototype, {
    exec(this: WatchedDatabase, sql) {
      const began = performance.now();
      exec.call(this, sql);
      if (sql.startsWith("PRAGMA wal_checkpoint")) times.writingBack.push(performance.now() - began);
    },
    prepare(this: WatchedDatabase, sql) {
      const statement = prepare.call(this, sql);
      const watch = watched[sql];
      if (watch === undefined) return statement;
      const run = statement.run.bind(statement);
      return Object.assign(statement, { run: (...values: unknown[]) => watch(() => run(...values)) });
    },
  } satisfies WatchedDatabase);
  return times;
}

interface WatchedDatabase {
  exec(sql: string): void;
  prepare(sql: string): { run: (...values: unknown[]) => unknown };
}

/** SQLite, whose types Node 20 lacks. */
function loadSqlite(): { readonly DatabaseSync: { readonly prototype: WatchedDatabase } } {
  return process.getBuiltinModule("node:sqlite" as never) as never; // as Node documents it
}

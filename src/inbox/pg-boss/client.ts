/** The part of a database of pg-boss that is used. */
export interface PgBossDatabase {
  /** Runs a statement. */
  executeSql(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The part of a queue of pg-boss that is used. */
export interface PgBossQueue {
  /** How it gives out its jobs. */
  readonly policy?: string | undefined;
  /** Whether it has a table of its own. */
  readonly partition?: boolean | undefined;
  /** The table that has its jobs. */
  readonly table: string;
}

/** The part of a `PgBoss` of pg-boss that is used: give it yours, once it was started. */
export interface PgBossClient {
  /** Its database. */
  getDb(): PgBossDatabase;
  /** The version of its tables; null if there are none. */
  schemaVersion(): Promise<number | null>;
  /** A queue; null if it is not there. */
  getQueue(name: string): Promise<PgBossQueue | null>;
  /** Makes a queue, unless it is there. */
  createQueue(name: string, options: { policy: "key_strict_fifo"; partition: true }): Promise<void>;
}

/**
 * Run by a runtime, with the URL of a Postgres: runs the tests that each store of inboxes must pass over the store on Postgres,
 * and prints how many there are and those that failed.
 */
import process from "node:process";
import { PgBoss } from "pg-boss";
import { testInboxStore } from "../../src/inbox/contract/suite.ts";
import { openPgBossStore } from "../../src/inbox/pg-boss/store.ts";

/** What came of the tests. */
export interface ContractReport {
  readonly passed: number;
  readonly failed: readonly string[];
}

const boss = new PgBoss({ connectionString: process.argv.at(-1) ?? "", supervise: false, schedule: false });
boss.on("error", console.error);
await boss.start();
const tests: { readonly title: string; readonly run: () => Promise<void> }[] = [];
let queues = 0;
testInboxStore({
  test: (title, run) => tests.push({ title, run }),
  openStore(policy) {
    queues += 1;
    return openPgBossStore(boss, { name: `contract-${process.pid}-${queues}`, schema: "pgboss" }, policy);
  },
  reopenStore: (policy) =>
    openPgBossStore(boss, { name: `contract-${process.pid}-${queues}`, schema: "pgboss" }, policy),
  hasOwnClock: true,
});
const failed: string[] = [];
for (const { title, run } of tests) {
  try {
    await run();
  } catch (error) {
    failed.push(`${title}: ${error}`.slice(0, 1_000));
  }
}
await boss.stop({ graceful: false });
console.log(JSON.stringify({ passed: tests.length - failed.length, failed } satisfies ContractReport));
process.exit(0);

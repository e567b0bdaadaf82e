import { afterAll, describe, expect, test } from "vitest";
import { testInboxStore } from "../../../src/inbox/contract/suite.ts";
import { createMemoryStore } from "../../../src/inbox/memory.ts";
import { openSqliteStore } from "../../../src/inbox/sqlite/store.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { hasSqlite, makeFolder } from "../../fixtures/files.ts";

describe("the store in memory", () => {
  testInboxStore({ test, openStore: createMemoryStore });
});

describe.skipIf(hasSqlite)("on a runtime without node:sqlite", () => {
  test("sqliteInbox says which runtimes have it", () => {
    expect(() => sqliteInbox("inbox.db")).toThrow(/needs node:sqlite.*Node 22\.13/);
  });

  test("the tests of the store in SQLite", ({ skip }) => {
    skip("this runtime has no node:sqlite; run them with Node 22.13, Bun 1.4 or Deno 2.2");
  });
});

describe.runIf(hasSqlite)("the store in a file of SQLite", () => {
  const folder = hasSqlite ? makeFolder() : { root: "", path: (name: string) => name, remove() {} };
  afterAll(() => folder.remove());
  let files = 0;

  testInboxStore({
    test,
    openStore(policy) {
      files += 1;
      return openSqliteStore(folder.path(`${files}.db`), policy);
    },
    reopenStore: (policy) => openSqliteStore(folder.path(`${files}.db`), policy),
  });
});

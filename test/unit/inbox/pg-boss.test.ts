import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../../src/errors.ts";
import { InboxUnavailableError } from "../../../src/inbox/errors.ts";
import { type PgBossClient, pgBossInbox } from "../../../src/inbox/pg-boss.ts";
import { nodeModule } from "../../fixtures/files.ts";

const [major = 0, minor = 0] = (nodeModule<typeof import("node:process")>("node:process")?.versions.node ?? "24.0")
  .split(".")
  .map(Number);
const hasPgBoss = major > 22 || (major === 22 && minor >= 12);

/** A client whose server is away. */
const boss: PgBossClient = {
  getDb: () => ({ executeSql: () => Promise.reject(new Error("connect ECONNREFUSED")) }),
  schemaVersion: () => Promise.reject(new Error("connect ECONNREFUSED")),
  getQueue: () => Promise.resolve(null),
  createQueue: () => Promise.resolve(),
};

test.skipIf(hasPgBoss)("pgBossInbox says which Node pg-boss needs, on an older one", () => {
  expect(() => pgBossInbox(boss)).toThrow(InboxUnavailableError);
  expect(() => pgBossInbox(boss)).toThrow(/needs Node 22\.12 or newer/);
});

describe.runIf(hasPgBoss)("pgBossInbox", () => {
  test.each([
    { options: { name: "" }, message: /name must be a name of letters/ },
    { options: { name: "no; drop table" }, message: /name must be/ },
    { options: { schema: "my-schema" }, message: /schema must be the schema that your PgBoss has/ },
    { options: { schema: '"a"b"' }, message: /schema must be/ },
    { options: { nmae: "webhooks" } as object, message: /nmae/ },
  ])("refuses $options", ({ options, message }) => {
    expect(() => pgBossInbox(boss, options)).toThrow(InvalidOptionError);
    expect(() => pgBossInbox(boss, options)).toThrow(message);
  });

  test("refuses a client that is none, in words", () => {
    const url = "postgres://user:secret@host/database" as unknown as PgBossClient; // what a user may try
    expect(() => pgBossInbox(url)).toThrow(/boss must be an object with the functions getDb/);
  });

  test("refuses deliveries while the server is away, with its reason", async () => {
    const inbox = pgBossInbox(boss, { onWarning() {} });
    await expect(inbox.get("a")).rejects.toThrow(InboxUnavailableError);
    await expect(inbox.get("a")).rejects.toThrow(
      'The inbox "copernica" can\'t be reached, read or written: connect ECONNREFUSED',
    );
    await inbox.stop();
  });

  test.each([null, 45])("needs the tables of pg-boss, not those of version %s", async (version) => {
    const inbox = pgBossInbox({ ...boss, schemaVersion: () => Promise.resolve(version) }, { onWarning() {} });
    await expect(inbox.get("a")).rejects.toThrow(/needs the tables of pg-boss 12\.38 or newer.*await boss\.start\(\)/);
    await inbox.stop();
  });

  test("refuses a queue that is none of an inbox", async () => {
    const other = { policy: "standard", partition: false, table: "job_common" };
    const client = { ...boss, schemaVersion: () => Promise.resolve(46), getQueue: () => Promise.resolve(other) };
    const inbox = pgBossInbox(client, { onWarning() {} });
    await expect(inbox.get("a")).rejects.toThrow('pg-boss has a queue "copernica" that is none of an inbox');
    await inbox.stop();
  });
});

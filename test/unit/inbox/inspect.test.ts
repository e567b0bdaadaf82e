import { afterAll, describe, expect, test } from "vitest";
import { loadDriver } from "../../../src/inbox/sqlite/driver.ts";
import { checkVersion, migrate } from "../../../src/inbox/sqlite/migrate.ts";
import { STATE_NUMBERS, STEPS } from "../../../src/inbox/sqlite/schema.ts";
import { inspectSqliteInbox, sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { InboxUnavailableError } from "../../../src/inbox.ts";
import { hasSqlite, makeFolder, nodeModule } from "../../fixtures/files.ts";

describe.runIf(hasSqlite)("an inbox that is inspected", () => {
  const folder = hasSqlite ? makeFolder() : { root: "", path: (name: string) => name, remove() {} };
  afterAll(() => folder.remove());

  /** Makes an inbox with a delivery that an attempt was being made of when its process ended, and a discarded one. */
  async function makeInbox(name: string): Promise<string> {
    const path = folder.path(name);
    const inbox = sqliteInbox(path, { attempts: 1 });
    for (const deliveryId of ["failed", "stuck"]) {
      await inbox.receive({
        deliveryId,
        receivedAt: new Date(),
        url: "https://example.com/",
        headers: new Headers(),
        body: new Uint8Array(3),
        event: { name: "click" },
      });
    }
    let isStuck: () => void = () => {};
    const stuck = new Promise<void>((resolve) => {
      isStuck = resolve;
    });
    inbox.work(
      async ({ deliveryId }) => {
        if (deliveryId === "failed") throw new Error("No.");
        isStuck();
        return await new Promise(() => {});
      },
      { timeoutMs: 60_000 },
    );
    await stuck;
    while ((await inbox.stats()).discarded === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await inbox.stop({ graceMs: 0 });
    return path;
  }

  test("is left as it is: what no process makes an attempt of any more is not settled, and nothing is removed", async () => {
    const path = await makeInbox("left.db");
    const { DatabaseSync } = loadDriver();
    const database = new DatabaseSync(path);
    database.exec(`UPDATE work SET at = 0 WHERE state = ${STATE_NUMBERS.discarded}`); // so old that an inbox removes it
    database.close();
    const inbox = inspectSqliteInbox(path);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await inbox.stats()).toMatchObject({ running: 1, discarded: 1, available: 0 });
    expect(await inbox.get("failed")).toMatchObject({ state: "discarded", errors: [{ attempt: 1 }] });
    expect((await inbox.list({ state: "running" })).deliveries).toMatchObject([{ deliveryId: "stuck" }]);
    await inbox.stop();
    await inbox.stop();
    await expect(inbox.stats()).rejects.toThrow(InboxUnavailableError);
  });

  test("can be replayed and given up, and is worked through by another process", async () => {
    const inbox = inspectSqliteInbox(await makeInbox("changed.db"));
    expect(await inbox.replay({ event: "click" })).toBe(1);
    expect(await inbox.discard("failed")).toBe(true);
    expect(await inbox.discard("stuck")).toBe(false);
    expect(await inbox.replay("failed")).toBe(1);
    expect(await inbox.stats()).toMatchObject({ available: 1, running: 1, discarded: 0 });
    await inbox.stop();
  });

  test("is not made if it is not there, and refused if it is misspelled or misused", async () => {
    const fs = nodeModule<typeof import("node:fs")>("node:fs");
    expect(() => inspectSqliteInbox(folder.path("none.db"))).toThrow(
      /There is no inbox .*none\.db: the file does not exist/,
    );
    expect(fs?.existsSync(folder.path("none.db"))).toBe(false);
    expect(() => inspectSqliteInbox(":memory:")).toThrow(/takes the path of a file/);
    expect(() => inspectSqliteInbox("x.db", { concurrency: 2 } as never)).toThrow(
      /inspectSqliteInbox has no option concurrency/,
    );
  });

  test("must be of the version that this package knows: older ones are brought up to date by who receives", async () => {
    const path = folder.path("older.db");
    const database = new (loadDriver().DatabaseSync)(path);
    expect(() => checkVersion(database, path, STEPS)).toThrow(/is no inbox: it is empty/);
    migrate(database, path, STEPS);
    checkVersion(database, path, STEPS);
    expect(() => checkVersion(database, path, [...STEPS, ""])).toThrow(/older copernica-webhooks.*Start your server/);
    expect(() => checkVersion(database, path, [])).toThrow(/newer copernica-webhooks/);
    database.close();
  });
});

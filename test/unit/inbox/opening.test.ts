import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import type { Database } from "../../../src/inbox/sqlite/driver.ts";
import { loadDriver } from "../../../src/inbox/sqlite/driver.ts";
import { migrate } from "../../../src/inbox/sqlite/migrate.ts";
import { STEPS } from "../../../src/inbox/sqlite/schema.ts";
import { hasWalBug } from "../../../src/inbox/sqlite/version.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { InboxUnavailableError } from "../../../src/inbox.ts";
import { hasSqlite, makeFolder, nodeModule } from "../../fixtures/files.ts";

/** The id of the user who owns nothing. */
const NOBODY = 65_534;

test("knows the versions of SQLite that can corrupt a file that several processes write to", () => {
  const versions = ["3.44.5", "3.45.0", "3.50.6", "3.51.2", "3.44.6", "3.50.7", "3.51.3", "3.52.0", "4.0.0"];
  expect(versions.map(hasWalBug)).toEqual([true, true, true, true, false, false, false, false, false]);
});

describe.runIf(hasSqlite)("the file of an inbox in SQLite", () => {
  const folder = hasSqlite ? makeFolder() : { root: "", path: (name: string) => name, remove() {} };
  afterAll(() => folder.remove());
  const fs = nodeModule<typeof import("node:fs")>("node:fs") as typeof import("node:fs"); // as it is where SQLite is
  const inboxes: { stop: () => Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(inboxes.splice(0).map((inbox) => inbox.stop()));
  });

  function openInbox(path: string): ReturnType<typeof sqliteInbox> {
    const inbox = sqliteInbox(path, { work: false });
    inboxes.push(inbox);
    return inbox;
  }

  function openDatabase(path: string): Database {
    return new (loadDriver().DatabaseSync)(path);
  }

  /** Does something as a user to whom a file and its folder belong, if this one is root, who may write to all files. */
  function asNobody(path: string, act: () => void): void {
    const process = nodeModule<typeof import("node:process")>("node:process");
    if (process?.geteuid?.() !== 0) {
      act();
      return;
    }
    for (const owned of [folder.root, path]) fs.chownSync(owned, NOBODY, NOBODY);
    process.seteuid?.(NOBODY);
    try {
      act();
    } finally {
      process.seteuid?.(0);
      fs.chownSync(folder.root, 0, 0);
    }
  }

  const received = {
    deliveryId: "a",
    receivedAt: new Date(),
    url: "https://example.com/",
    headers: new Headers(),
    body: new Uint8Array(3),
  };

  test("is readable for its owner alone, its log too", async () => {
    const path = folder.path("mode.db");
    await openInbox(path).receive(received);
    for (const suffix of ["", "-wal", "-shm"]) expect(fs.statSync(path + suffix).mode & 0o777).toBe(0o600);
  });

  test("is refused with a reason if it can't be one", () => {
    fs.mkdirSync(folder.path("folder"));
    fs.writeFileSync(folder.path("text"), "This is no database, but a text that is long enough to be one. ".repeat(50));
    const reasons: readonly (readonly [string, RegExp])[] = [
      [folder.path("none/inbox.db"), /its folder is not there/],
      [folder.path("text/inbox.db"), /its folder is a file/],
      [folder.path("folder"), /it is a folder/],
      [folder.path("text"), /it is no database/],
    ];
    for (const [path, reason] of reasons) {
      expect(() => openInbox(path)).toThrow(InboxUnavailableError);
      expect(() => openInbox(path)).toThrow(reason);
    }
    for (const path of ["", ":memory:", "file:inbox.db", 5, undefined]) {
      expect(() => openInbox(path as string)).toThrow(/takes the path of a file/);
    }
  });

  test("is refused if it is read-only", () => {
    const path = folder.path("read-only.db");
    const database = openDatabase(path);
    migrate(database, path, STEPS);
    database.close();
    fs.chmodSync(path, 0o400);
    asNobody(path, () => expect(() => openInbox(path)).toThrow(/read-only|may not write/));
  });

  test("is refused if it is a database of something else, which is left as it was", () => {
    const path = folder.path("other.db");
    const database = openDatabase(path);
    database.exec("CREATE TABLE song (title TEXT)");
    expect(() => openInbox(path)).toThrow(/a database of something else/);
    expect(database.prepare("SELECT name FROM sqlite_schema").all()).toHaveLength(1);
    database.close();
  });

  test("is refused if a newer version of the package wrote it", async () => {
    const path = folder.path("newer.db");
    await openInbox(path).receive(received);
    await inboxes.pop()?.stop();
    const database = openDatabase(path);
    database.exec(`PRAGMA user_version = ${STEPS.length + 1}`);
    database.close();
    expect(() => openInbox(path)).toThrow(/written by a newer copernica-webhooks.*Update the package/);
  });

  test("is brought to the latest version with all that is in it, once, whoever else opens it", async () => {
    const path = folder.path("older.db");
    await openInbox(path).receive(received);
    await inboxes.pop()?.stop();
    const database = openDatabase(path);
    const steps = [...STEPS, "ALTER TABLE delivery ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"];
    migrate(database, path, steps);
    migrate(database, path, steps);
    expect(database.prepare("SELECT delivery_id, note FROM delivery").all()).toEqual([
      expect.objectContaining({ delivery_id: "a", note: "none" }),
    ]);
    expect(database.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: steps.length });
    database.close();
  });

  test("is left as it was if a step to a newer version fails", async () => {
    const path = folder.path("failing.db");
    await openInbox(path).receive(received);
    await inboxes.pop()?.stop();
    const database = openDatabase(path);
    const steps = [
      ...STEPS,
      "ALTER TABLE delivery ADD COLUMN note TEXT; ALTER TABLE no_such_table ADD COLUMN note TEXT",
    ];
    expect(() => migrate(database, path, steps)).toThrow(/no_such_table/);
    database.close();
    expect(await openInbox(path).get("a")).toMatchObject({ deliveryId: "a" });
  });

  test("is opened once in a process, by whatever name, until it is stopped", async () => {
    const path = folder.path("once.db");
    openInbox(path);
    fs.symlinkSync(path, folder.path("link.db"));
    expect(() => openInbox(path)).toThrow(/is open in this process already/);
    expect(() => openInbox(folder.path("link.db"))).toThrow(/is open in this process already/);
    await inboxes.pop()?.stop();
    expect(await openInbox(path).stats()).toMatchObject({ available: 0 });
  });

  test("can be opened while another connection reads and writes it", async () => {
    const path = folder.path("shared.db");
    await openInbox(path).receive(received);
    await inboxes.pop()?.stop();
    const database = openDatabase(path);
    database.prepare("SELECT * FROM work").all();
    const onWarning = vi.fn();
    const inbox = sqliteInbox(path, { work: false, onWarning });
    inboxes.push(inbox);
    database.exec("UPDATE work SET event = 'other'");
    expect((await inbox.list({ event: "other" })).deliveries).toHaveLength(1);
    database.close();
  });

  test("takes no more deliveries once it could not be synced, until it is opened again", async ({ skip }) => {
    const os = nodeModule<typeof import("node:os")>("node:os");
    if (os?.platform() !== "linux") skip("SQLite syncs the file itself");
    const path = folder.path("unsynced.db");
    const receive = (inbox: ReturnType<typeof sqliteInbox>, deliveryId: string) =>
      inbox.receive({
        ...{ deliveryId, receivedAt: new Date(), url: "https://example.com/", headers: new Headers() },
        body: new Uint8Array(),
      });
    const inbox = openInbox(path);
    expect(await receive(inbox, "a")).toBe("stored");
    const failing = vi.spyOn(fs, "fdatasync").mockImplementation((_, done) => done(new Error("EIO: i/o error")));
    await expect(receive(inbox, "b")).rejects.toThrow("could not be synced: mend the disk, and start again");
    failing.mockRestore();
    await expect(receive(inbox, "c")).rejects.toMatchObject({ cause: new Error("EIO: i/o error") });
    await inbox.stop();
    expect(await receive(openInbox(path), "d")).toBe("stored");
  });
});

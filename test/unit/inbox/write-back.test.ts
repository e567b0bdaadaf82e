import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Database } from "../../../src/inbox/sqlite/driver.ts";
import { createWriteBack } from "../../../src/inbox/sqlite/write-back.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A database that counts the rows that are changed, and blocks for some time for each that it writes back. */
function makeDatabase(msPerRow: number) {
  const done: string[] = [];
  let changes = 0;
  let writtenBack = 0;
  const database: Database = {
    exec(sql) {
      done.push(sql);
      vi.advanceTimersByTime((changes - writtenBack) * msPerRow);
      writtenBack = changes;
    },
    prepare: <Row>() => ({
      run: () => ({ changes: 0 }),
      get: () => ({ changes }) as Row, // the only statement that is prepared
      all: () => [],
    }),
    close() {},
  };
  function change(rows: number): void {
    changes += rows;
  }
  return { database, done, change };
}

describe("the log of a file of SQLite", () => {
  test("is written back once enough rows have changed, after it was synced, and not beside that again", async () => {
    const { database, done, change } = makeDatabase(0.001);
    const writeBack = createWriteBack(database, async () => void done.push("sync"));
    change(writeBack.rows() - 1);
    writeBack.transacted();
    await writeBack.whenDone();
    expect(done).toEqual([]);
    change(1);
    writeBack.transacted();
    change(10_000);
    writeBack.transacted();
    await writeBack.whenDone();
    expect(done).toEqual(["sync", "PRAGMA wal_checkpoint(PASSIVE)"]);
    writeBack.transacted();
    await writeBack.whenDone();
    expect(done).toHaveLength(2);
  });

  test.each([
    { disk: "fast", msPerRow: 0.000_1, rows: 4_000 },
    { disk: "like most", msPerRow: 0.01, rows: 800 },
    { disk: "slow", msPerRow: 0.1, rows: 256 },
  ])(
    "is written back in as many rows as a disk that is $disk takes in a turn that nobody notices",
    async (expected) => {
      const { database, change } = makeDatabase(expected.msPerRow);
      const writeBack = createWriteBack(database, async () => {});
      for (let times = 0; times < 20; times += 1) {
        change(Math.ceil(writeBack.rows()));
        writeBack.transacted();
        await writeBack.whenDone();
      }
      expect(writeBack.rows()).toBeCloseTo(expected.rows, -1);
    },
  );

  test("is written back again after that has failed, which is told once", async () => {
    const { database, change } = makeDatabase(0.001);
    let isBroken = true;
    const writeBack = createWriteBack(database, async () => {
      if (isBroken) throw new Error("EIO: i/o error");
    });
    change(writeBack.rows());
    writeBack.transacted();
    await writeBack.whenDone();
    expect(writeBack.check).toThrow("EIO");
    expect(writeBack.check).not.toThrow();
    isBroken = false;
    const before = writeBack.rows();
    writeBack.transacted();
    await writeBack.whenDone();
    expect(writeBack.check).not.toThrow();
    expect(writeBack.rows()).not.toBe(before);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeFolder } from "../fixtures/files.ts";
import { isNode, runtimes } from "./children.ts";
import { fillDisk, meetLock } from "./faults.ts";
import { killAgainAndAgain } from "./kill.ts";
import { keepOrder } from "./order.ts";
import { POISON_ATTEMPTS, POISONS, workThroughPoison } from "./poison.ts";
import { cutPower, hasStrace } from "./power.ts";
import { receiveTwice, standStill } from "./sharing.ts";

describe.runIf(isNode).each(isNode ? runtimes() : [])("processes on $name that share an inbox in SQLite", (runtime) => {
  let folder: ReturnType<typeof makeFolder>;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());

  test("lose nothing that was answered for, and do nothing twice but what was being done, however often they are killed", async () => {
    const { answered, refused, lost, twice } = await killAgainAndAgain(runtime, folder.root, 8);
    expect(answered).toBeGreaterThan(50);
    expect({ refused, lost, twice }).toEqual({ refused: 0, lost: [], twice: [] });
  });

  test("sync a delivery before they answer for it, so that a power cut loses none", async ({ skip }) => {
    if (!hasStrace) skip("strace is not installed: on Debian, apt install strace");
    expect(await cutPower(runtime, folder.root, 1_000)).toEqual({
      ...{ answered: 1_000, written: 1_000, early: 0, lost: 0 },
    });
  });

  test("would lose deliveries by a power cut if they did not sync", async ({ skip }) => {
    if (!hasStrace) skip("strace is not installed: on Debian, apt install strace");
    const { early, lost } = await cutPower(runtime, folder.root, 1_000, true);
    expect(early).toBeGreaterThan(500);
    expect(lost).toBeGreaterThan(0);
  });

  test("wait while another holds the lock of the file for a second", async () => {
    const { answered, ...report } = await meetLock(runtime, folder.root, 1_000);
    expect(report).toEqual({ refused: 0, ranAtOnce: 0, hasResumed: true, lost: 0 });
  });

  test("run callbacks at once while another holds the lock for longer, and store deliveries again after that", async () => {
    const { answered, ranAtOnce, ...report } = await meetLock(runtime, folder.root, 3_000);
    expect(ranAtOnce).toBeGreaterThan(0);
    expect(report).toEqual({ refused: 0, hasResumed: true, lost: 0 });
  });

  test("run callbacks at once while the disk is full, and store deliveries again after that", async ({ skip }) => {
    const filled = await fillDisk(runtime, folder.root);
    if (filled === undefined) return skip("no file system can be mounted here: be root");
    const { answered, ranAtOnce, ...report } = filled;
    expect(ranAtOnce).toBeGreaterThan(0);
    expect(report).toEqual({ refused: 0, hasResumed: true, lost: 0 });
  });

  test("keep the order of each profile while they are killed and attempts fail, and never work on one twice at once", async () => {
    const settings = { total: 4_000, profiles: 60, killEveryMs: 300 };
    const { kills, ...report } = await keepOrder(runtime, folder.root, settings);
    expect(kills).toBeGreaterThan(0);
    expect(report).toMatchObject({ stored: 4_000, inverted: [], overlapping: [], unsettled: 0 });
    expect(report.completed + report.discarded).toBe(4_000);
  });

  test.each(POISONS)(
    "give a delivery whose callback does harm (%s) its attempts, and go on with others",
    async (poison) => {
      const { restarts, ...report } = await workThroughPoison(runtime, folder.root, poison, 100);
      expect(report).toEqual({
        attempts: Array.from({ length: POISON_ATTEMPTS }, (_, index) => index + 1),
        completed: 100,
        discarded: 1,
      });
      expect(restarts).toBe(poison === "exit" || poison === "allocate" ? POISON_ATTEMPTS : 0);
    },
  );

  test("store a delivery once that comes to both at once", async () => {
    expect(await receiveTwice(runtime, folder.root, 500)).toEqual({
      ...{ calls: 500, answeredTwice: 500, stored: 500, duplicates: 500, completed: 500 },
    });
  });

  test("take over from one that stands still for longer than its lease, which then changes nothing", async () => {
    const { pids, ...report } = await standStill(runtime, folder.root);
    expect(new Set(pids).size).toBe(2);
    expect(report).toEqual({ completed: 1, attempts: [1, 2] });
  });
});

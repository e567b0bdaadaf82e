import type { InboxStore } from "../store.ts";
import {
  complete,
  delivery,
  equal,
  fail,
  ofProfile,
  pause,
  type StoreCase,
  sweepUntil,
  take,
  takeOne,
} from "./case.ts";

/** By how much a clock is set, in words and in milliseconds. */
const HOUR_AND_DAY = [
  ["an hour", 3_600_000],
  ["a day", 86_400_000],
] as const;

/** Tests of how attempts end. */
export const settlingCases: readonly StoreCase[] = [
  {
    title: "discards a delivery after exactly its attempts, and keeps the error of each",
    policy: { attempts: 3, backoff: { firstMs: 0, mostMs: 0, jitter: 0 } },
    async run(store) {
      await store.add([delivery("a")]);
      for (const [attempt, outcome] of [
        [1, "retryable"],
        [2, "retryable"],
        [3, "discarded"],
      ] as const) {
        const taken = await takeOne(store);
        equal(taken.attempt, attempt, "Which attempt it is");
        equal(await fail(store, taken, { message: `no ${attempt}` }), outcome, `What became of attempt ${attempt}`);
      }
      equal(await take(store), [], "What is due");
      const record = await store.get("a");
      equal([record?.state, record?.attempt], ["discarded", 3], "Its state and attempts");
      equal(
        record?.errors.map(({ attempt, message }) => [attempt, message]),
        [
          [1, "no 1"],
          [2, "no 2"],
          [3, "no 3"],
        ],
        "Its errors",
      );
      equal(
        record?.errors.every(({ at }) => at instanceof Date),
        true,
        "Whether each has its time",
      );
      equal(record?.settledAt instanceof Date, true, "Whether it has the time of its end");
    },
  },
  {
    title: "counts attempts as they are taken, so that those count that are never settled",
    policy: { attempts: 2, backoff: { firstMs: 0, mostMs: 0, jitter: 0 } },
    async run(store) {
      await store.add([delivery("a")]);
      await takeOne(store, 20);
      equal((await store.get("a"))?.attempt, 1, "How many attempts it had, once it was taken");
      await sweepUntil(store, async () => (await store.get("a"))?.state === "retryable");
      equal((await takeOne(store, 20)).attempt, 2, "Which attempt comes next");
      const discarded: string[] = [];
      for (let sweeps = 0; discarded.length === 0 && sweeps < 500; sweeps += 1) {
        discarded.push(...(await store.sweep()).discarded);
        await pause(10);
      }
      equal(discarded, ["a"], "What the sweep says that it discarded");
      equal((await store.get("a"))?.errors.length, 2, "How many errors it has");
    },
  },
  {
    title: "discards at once what failed for good",
    async run(store) {
      await store.add([delivery("a")]);
      equal(await fail(store, await takeOne(store), { isFinal: true }), "discarded", "What became of it");
      equal((await store.get("a"))?.state, "discarded", "Its state");
    },
  },
  {
    title: "waits longer after each attempt, until it waits as long as it may",
    policy: { attempts: 10, backoff: { firstMs: 100_000, mostMs: 300_000, jitter: 0 } },
    setsClock: true,
    async run(store) {
      await store.add([delivery("a")]);
      const waits: number[] = [];
      for (const attempt of [1, 2, 3, 4]) {
        await later(attempt * 400_000, async () => {
          await fail(store, await takeOne(store));
          const { nextAttemptAt } = (await store.get("a")) ?? {};
          waits.push(Math.round(((nextAttemptAt?.getTime() ?? 0) - Date.now()) / 1_000));
          equal((await store.stats()).nextAttemptAt, nextAttemptAt, "When the next attempt is due, by the statistics");
          equal(await take(store), [], "What is due at once");
        });
      }
      equal(waits, [100, 200, 300, 300], "The waits in seconds");
    },
  },
  {
    title: "says how long it is until a failed delivery is due",
    policy: { backoff: { firstMs: 50_000, mostMs: 50_000, jitter: 0 } },
    async run(store) {
      await store.add([delivery("a")]);
      await fail(store, await takeOne(store));
      const { nextDueMs } = await store.exchange([], 1, 60_000);
      const isRight = nextDueMs === undefined || (nextDueMs > 40_000 && nextDueMs <= 50_000);
      equal(isRight, true, `Whether ${nextDueMs} ms is right, if it says so at all`);
    },
  },
  ...HOUR_AND_DAY.flatMap(([time, milliseconds]): StoreCase[] => [
    {
      title: `does not wait for a time that a clock set back ${time} is far from`,
      policy: { backoff: { firstMs: 60_000, mostMs: 60_000, jitter: 0 } },
      setsClock: true,
      async run(store) {
        await store.add([delivery("a")]);
        await store.sweep();
        await fail(store, await takeOne(store));
        equal(await take(store), [], "What is due before");
        await later(-milliseconds, async () => {
          await store.sweep();
          equal((await take(store)).length, 1, "What is due after");
        });
      },
    },
    {
      title: `ends no lease early when the clock is set ${time} forward`,
      setsClock: true,
      run: (store) => keepLease(store, milliseconds),
    },
    {
      title: `ends no lease early when the clock is set ${time} back, and each lease in the end`,
      policy: { backoff: { firstMs: 0, mostMs: 0, jitter: 0 } },
      setsClock: true,
      async run(store) {
        await keepLease(store, -milliseconds);
        await later(-milliseconds, async () => {
          await takeOne(store, 30);
          await sweepUntil(store, async () => (await store.get("b"))?.state === "retryable");
        });
      },
    },
  ]),
];

/** Does something while the clock shows another time, from which it goes on. */
async function later(milliseconds: number, act: () => Promise<void>): Promise<void> {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  try {
    await act();
  } finally {
    Date.now = now;
  }
}

/** Checks that the lease of an attempt lasts while the clock shows another time. */
async function keepLease(store: InboxStore, milliseconds: number): Promise<void> {
  await store.add([ofProfile(1, "a"), ofProfile(2, "b")]);
  const [first] = await take(store, 1);
  if (first === undefined) throw new Error("A delivery should be due.");
  await store.sweep();
  await later(milliseconds, async () => {
    await store.sweep();
    await pause(5);
    await store.sweep();
    equal((await store.get("a"))?.state, "running", "Its state");
  });
  equal(await complete(store, first), "completed", "What becomes of it");
}

import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createMemoryStore } from "../../../src/inbox/memory.ts";
import { openSqliteStore } from "../../../src/inbox/sqlite/store.ts";
import type { InboxPolicy, InboxStore, TakenDelivery } from "../../../src/inbox/store.ts";
import type { DeliveryState } from "../../../src/inbox.ts";
import { hasSqlite, makeFolder } from "../../fixtures/files.ts";

const policy: InboxPolicy = {
  attempts: 3,
  backoff: { firstMs: 0, mostMs: 0, jitter: 0 },
  keep: { completedMs: 60_000, discardedMs: 60_000 },
  maxBytes: 1_024 ** 3,
  warn() {},
};

const folder = hasSqlite ? makeFolder() : undefined;
afterAll(() => folder?.remove());
let files = 0;

const stores: { name: string; openStore: () => InboxStore }[] = [
  { name: "in memory", openStore: () => createMemoryStore(policy) },
];
if (folder !== undefined) {
  stores.push({
    name: "in a file of SQLite",
    openStore() {
      files += 1;
      return openSqliteStore(folder.path(`${files}.db`), policy);
    },
  });
}

/** What may be done to a store; numbers choose among what there is. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("add" as const), profile: fc.nat(3), isRefused: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant("take" as const), limit: fc.nat(4) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("settle" as const),
      which: fc.nat(20),
      how: fc.constantFrom("complete" as const, "fail" as const, "discard" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("settle again" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("replay" as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("discard" as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("sweep" as const) }) },
);

describe.each(stores)("whatever is done to a store $name", ({ openStore }) => {
  test("its counts are right, no two deliveries of a profile run at once, and all of them can be settled", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const store = openStore();
        try {
          await check(store, steps);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

async function check(
  store: InboxStore,
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
) {
  const profiles = new Map<string, number>();
  let running: TakenDelivery[] = [];
  const settled: TakenDelivery[] = [];

  const take = async (limit: number): Promise<number> => {
    const { taken } = await store.exchange([], limit, 60_000);
    running = [...running, ...taken];
    const ofProfiles = running.map(({ delivery }) => profiles.get(delivery.deliveryId));
    expect(new Set(ofProfiles).size).toBe(ofProfiles.length);
    expect(taken.length).toBeLessThanOrEqual(limit);
    return taken.length;
  };
  const settle = async (taken: TakenDelivery, how: "complete" | "fail" | "discard"): Promise<void> => {
    const failure = { message: "no", isFinal: how === "discard" };
    const settlement = how === "complete" ? { taken } : { taken, failure };
    const [state] = (await store.exchange([settlement], 0, 60_000)).settled;
    const isLast = taken.attempt >= policy.attempts;
    expect(state).toBe(how === "complete" ? "completed" : how === "discard" || isLast ? "discarded" : "retryable");
    running = running.filter((other) => other !== taken);
    settled.push(taken);
  };

  for (const one of steps) {
    const ids = [...profiles.keys()];
    if (one.what === "add") {
      const deliveryId = `${profiles.size}`;
      profiles.set(deliveryId, one.profile);
      await store.add([
        {
          deliveryId,
          receivedAt: new Date(),
          url: "https://example.com/",
          headers: {},
          body: new Uint8Array(1),
          event: { name: "profile.update", profile: one.profile },
          orderKey: one.profile,
          refusal: one.isRefused === 0 ? "refused" : undefined,
        },
      ]);
    } else if (one.what === "take") await take(one.limit);
    else if (one.what === "settle") {
      const taken = running[one.which % running.length];
      if (taken !== undefined) await settle(taken, one.how);
    } else if (one.what === "settle again") {
      const taken = settled[one.which % settled.length];
      if (taken !== undefined) expect((await store.exchange([{ taken }], 0, 60_000)).settled).toEqual(["lost"]);
    } else if (one.what === "replay") await store.replay(ids.slice(one.which % (ids.length + 1)).slice(0, 1));
    else if (one.what === "discard") await store.discard(ids[one.which % (ids.length + 1)] ?? "none");
    else await store.sweep();
    await checkCounts(store, running);
  }

  for (let rounds = 0; rounds < 1_000; rounds += 1) {
    for (const taken of running) await settle(taken, "complete");
    if ((await take(10)) === 0) break;
  }
  const { available, running: stillRunning, retryable, completed, discarded } = await store.stats();
  expect([available, stillRunning, retryable, completed + discarded]).toEqual([0, 0, 0, profiles.size]);
}

async function checkCounts(store: InboxStore, running: readonly TakenDelivery[]): Promise<void> {
  const stats = await store.stats();
  const counted: Record<DeliveryState, number> = { available: 0, running: 0, retryable: 0, completed: 0, discarded: 0 };
  for (const { state } of (await store.list({}, 1_000, undefined)).deliveries) counted[state] += 1;
  expect(stats).toMatchObject(counted);
  expect(stats.running).toBe(running.length);
}

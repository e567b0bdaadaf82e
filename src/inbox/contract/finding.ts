import type { InboxStore } from "../store.ts";
import { complete, delivery, equal, fail, ofProfile, type StoreCase, take } from "./case.ts";

/** Tests of what a user sees and does by hand. */
export const findingCases: readonly StoreCase[] = [
  {
    title: "counts the deliveries of each state, and says since when one waits",
    policy: { backoff: { firstMs: 60_000, mostMs: 60_000, jitter: 0 } },
    async run(store) {
      const empty = await store.stats();
      equal(
        [empty.available, empty.running, empty.retryable, empty.completed, empty.discarded, empty.waitingSince],
        [0, 0, 0, 0, 0, undefined],
        "The counts of an empty store",
      );
      const receivedAt = new Date(1_700_000_000_000);
      await store.add(["a", "b", "c", "d", "e", "f"].map((id) => delivery(id, { receivedAt })));
      equal((await store.stats()).waitingSince, receivedAt, "Since when one waits");
      await takeToEachState(store);
      const stats = await store.stats();
      equal(
        [stats.available, stats.running, stats.retryable, stats.completed, stats.discarded],
        [2, 1, 1, 1, 1],
        "The counts",
      );
      equal(stats.bytes > 0, true, "Whether it uses bytes");
    },
  },
  {
    title: "lists what fits a filter, the latest first, in pages",
    async run(store) {
      const at = (seconds: number): Date => new Date(1_700_000_000_000 + seconds * 1_000);
      await store.add([
        ofProfile(1, "a", { receivedAt: at(1), event: { name: "profile.create", profile: 1, database: 7 } }),
        ofProfile(2, "b", { receivedAt: at(2), event: { name: "profile.create", profile: 2, database: 7 } }),
        ofProfile(1, "c", { receivedAt: at(3), event: { name: "profile.update", profile: 1, database: 7 } }),
        ofProfile(1, "d", { receivedAt: at(4), event: { name: "profile.create", profile: 1, database: 8 } }),
        delivery("e", { receivedAt: at(5), refusal: "undecodable_body: no form" }),
      ]);
      const list = async (filter: Parameters<typeof store.list>[0]): Promise<string[]> =>
        (await store.list(filter, 100, undefined)).deliveries.map(({ deliveryId }) => deliveryId);
      equal(await list({}), ["e", "d", "c", "b", "a"], "All");
      equal(await list({ profile: 1 }), ["d", "c", "a"], "Those of a profile");
      equal(await list({ event: "profile.create" }), ["d", "b", "a"], "Those of an event");
      equal(await list({ database: 7 }), ["c", "b", "a"], "Those of a database");
      equal(await list({ database: 7, profile: 1, event: "profile.create" }), ["a"], "Those that fit all");
      equal(await list({ receivedFrom: at(2), receivedBefore: at(4) }), ["c", "b"], "Those of a time");
      equal(await list({ state: "discarded" }), ["e"], "Those discarded");
      equal(await list({ state: "available" }), ["d", "c", "b", "a"], "Those available");
      equal(await list({ state: "completed" }), [], "Those completed");
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ profile: 1 }, 2, cursor);
        pages.push(page.deliveries.map(({ deliveryId }) => deliveryId));
        cursor = page.cursor;
      } while (cursor !== undefined && pages.length < 10);
      equal(pages.flat(), ["d", "c", "a"], "All pages");
      equal(pages[0], ["d", "c"], "The first page");
    },
  },
  {
    title: "has nothing of a delivery that never came",
    async run(store) {
      equal(await store.get("none"), undefined, "What it gets");
      equal(await store.replay(["none"]), 0, "How many it replays");
      equal(await store.discard("none"), false, "Whether it discards it");
    },
  },
  {
    title: "replays what is completed, discarded or retryable with all attempts before it, and nothing else",
    policy: { attempts: 2, backoff: { firstMs: 60_000, mostMs: 60_000, jitter: 0 } },
    async run(store) {
      await store.add(["a", "b", "c", "d", "e"].map((id) => delivery(id)));
      await takeToEachState(store);
      equal(await store.replay(["a", "b", "c", "d", "e"]), 3, "How many are replayed");
      const again = await take(store);
      equal(
        again.map(({ delivery: { deliveryId }, attempt }) => `${deliveryId} ${attempt}`).sort(),
        ["a 1", "b 1", "c 1", "e 1"],
        "What is due, and which attempt it is",
      );
      for (const taken of again) equal(await fail(store, taken), "retryable", "What becomes of a first attempt");
      equal((await store.get("b"))?.errors.length, 2, "How many errors are known of one that failed before and after");
    },
  },
  {
    title: "discards by hand what is available or retryable, and nothing else",
    async run(store) {
      await store.add(["a", "b", "c", "d"].map((id) => delivery(id)));
      const [running, retryable, completed] = await take(store, 3);
      if (running === undefined || retryable === undefined || completed === undefined) throw new Error("None is due.");
      await fail(store, retryable);
      await complete(store, completed);
      equal(await store.discard("a"), false, "Whether one that is running is discarded");
      equal(await store.discard("b"), true, "Whether one that is retryable is discarded");
      equal(await store.discard("c"), false, "Whether one that is completed is discarded");
      equal(await store.discard("d"), true, "Whether one that is available is discarded");
      equal(await store.discard("d"), false, "Whether one that is discarded is discarded again");
      equal(await complete(store, running), "completed", "What became of the one that was running");
      equal((await store.stats()).discarded, 2, "How many are discarded");
    },
  },
];

/** Takes four deliveries, of which then one is completed, one discarded, one retryable, and one still running. */
async function takeToEachState(store: InboxStore): Promise<void> {
  const [completed, discarded, retryable] = await take(store, 4);
  if (completed === undefined || discarded === undefined || retryable === undefined) throw new Error("None is due.");
  await complete(store, completed);
  await fail(store, discarded, { isFinal: true });
  await fail(store, retryable);
}

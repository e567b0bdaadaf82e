import {
  complete,
  delivery,
  equal,
  fail,
  idsOf,
  ofProfile,
  type StoreCase,
  sweepUntil,
  take,
  takeOne,
} from "./case.ts";

/** Tests of what is stored, and what is not. */
export const addingCases: readonly StoreCase[] = [
  {
    title: "stores a delivery once, however often it comes, and in whatever state it is",
    async run(store) {
      equal(
        await store.add([delivery("a"), delivery("b"), delivery("a")]),
        ["stored", "stored", "duplicate"],
        "What became of a delivery that comes twice at once",
      );
      const again = async (state: string): Promise<void> => {
        equal(await store.add([delivery("a", { url: "https://example.com/other" })]), ["duplicate"], `Again, ${state}`);
      };
      await again("available");
      await store.discard("b");
      const taken = await takeOne(store);
      await again("running");
      await complete(store, taken);
      await again("completed");
      equal(await store.add([delivery("b")]), ["duplicate"], "Again, discarded");
      equal((await store.get("a"))?.url, delivery("a").url, "The URL of the one that came first");
      equal((await store.list({}, 10, undefined)).deliveries.length, 2, "How many there are");
    },
  },
  {
    title: "gives back each part of a delivery as it was stored",
    async run(store) {
      const stored = delivery("ü-1", {
        receivedAt: new Date(1_700_000_000_123),
        url: "https://example.com/hook?a=1&b=%20",
        headers: { "content-type": "text/plain; charset=utf-8", date: 'with "quotes", \\ and ü' },
        body: Uint8Array.from({ length: 70_000 }, (_, index) => index % 256),
        event: { name: "subprofile.create", database: 1, collection: 2, profile: 3, subprofile: 4_000_000_000 },
        orderKey: 3,
      });
      await store.add([stored, delivery("empty", { body: new Uint8Array(0) })]);
      const { orderKey, ...rest } = stored;
      const taken = await take(store);
      const [one] = taken.filter((attempt) => attempt.delivery.deliveryId === "ü-1");
      equal(one && pick(one.delivery), rest, "What was taken");
      const record = await store.get("ü-1");
      equal(record && pick(record), rest, "What was got");
      equal((await store.get("empty"))?.body, new Uint8Array(0), "An empty body");
    },
  },
  {
    title: "does not keep a view on memory that its owner may use again",
    async run(store) {
      const body = Uint8Array.from([9, 1, 2, 3, 9]);
      await store.add([delivery("a", { body: body.subarray(1, 4) })]);
      body.fill(0);
      equal((await takeOne(store)).delivery.body, Uint8Array.from([1, 2, 3]), "The body");
    },
  },
  {
    title: "stores a refused delivery as discarded, with the reason, and takes it once it is replayed",
    async run(store) {
      equal(
        await store.add([delivery("a", { refusal: "invalid_event: no profile" })]),
        ["stored"],
        "What became of it",
      );
      equal(await take(store), [], "What is due");
      const record = await store.get("a");
      equal([record?.state, record?.attempt], ["discarded", 0], "Its state and attempts");
      equal(
        record?.errors.map(({ attempt, message }) => [attempt, message]),
        [[0, "invalid_event: no profile"]],
        "Its errors",
      );
      equal(await store.replay(["a"]), 1, "How many are replayed");
      equal(idsOf(await take(store)), ["a"], "What is due then");
    },
  },
  {
    title: "stores nothing of what would exceed maxBytes",
    policy: { maxBytes: 1_000_000 },
    async run(store) {
      await store.add([delivery("small")]);
      const large = ["a", "b", "c"].map((id) => delivery(id, { body: new Uint8Array(400_000) }));
      let thrown: unknown;
      try {
        await store.add(large);
      } catch (error) {
        thrown = error;
      }
      equal(thrown instanceof Error, true, "Whether it throws");
      equal(await store.get("a"), undefined, "The first of those that do not fit together");
      equal((await store.stats()).available, 1, "How many there are");
      equal(await store.add([delivery("other")]), ["stored"], "What still fits");
    },
  },
  {
    title: "forgets what has been kept long enough, and nothing else",
    policy: { keep: { completedMs: 0, discardedMs: 60_000 } },
    async run(store) {
      await store.add([ofProfile(1, "completed"), ofProfile(2, "discarded"), ofProfile(3, "retryable")]);
      const [completed, discarded, retryable] = await take(store);
      if (completed === undefined || discarded === undefined || retryable === undefined)
        throw new Error("Nothing is due.");
      await complete(store, completed);
      await fail(store, discarded, { isFinal: true });
      await fail(store, retryable);
      await store.add([ofProfile(4, "available")]);
      await sweepUntil(store, async () => (await store.get("completed")) === undefined);
      const {
        available,
        running,
        retryable: retryables,
        completed: completes,
        discarded: discards,
      } = await store.stats();
      equal([available, running, retryables, completes, discards], [1, 0, 1, 0, 1], "How many are left of each state");
      equal(await store.add([ofProfile(1, "completed"), ofProfile(2, "discarded")]), ["stored", "duplicate"], "Again");
    },
  },
];

/** The parts of a delivery that are stored. */
function pick({ deliveryId, receivedAt, url, headers, body, event }: ReturnType<typeof delivery>): unknown {
  return { deliveryId, receivedAt, url, headers, body, event };
}

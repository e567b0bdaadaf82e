import {
  complete,
  delivery,
  equal,
  FIRST_WAIT_MS,
  fail,
  idsOf,
  ofProfile,
  pause,
  type StoreCase,
  sweepUntil,
  take,
  takeOne,
} from "./case.ts";

/** Tests of what is taken when. */
export const orderCases: readonly StoreCase[] = [
  {
    title: "takes deliveries in the order in which they were added, no more than it is asked for",
    async run(store) {
      await store.add(["a", "b", "c", "d"].map((id) => delivery(id)));
      await store.add([delivery("e")]);
      equal(idsOf(await take(store, 0)), [], "None");
      equal(idsOf(await take(store, 2)), ["a", "b"], "The first two");
      equal(idsOf(await take(store, 100)), ["c", "d", "e"], "All others");
      equal(idsOf(await take(store, 100)), [], "No more");
    },
  },
  {
    title: "takes the deliveries of a profile one at a time, and those of others and of none side by side",
    async run(store) {
      await store.add([ofProfile(1, "1a"), ofProfile(1, "1b"), ofProfile(2, "2a"), delivery("x"), delivery("y")]);
      await store.add([ofProfile(1, "1c"), ofProfile(2, "2b")]);
      const first = await take(store);
      equal(idsOf(first), ["1a", "2a", "x", "y"], "At first");
      equal(idsOf(await take(store)), [], "While they are running");
      for (const taken of first) await complete(store, taken);
      const second = await take(store);
      equal(idsOf(second).sort(), ["1b", "2b"], "Once they are completed");
      for (const taken of second) await complete(store, taken);
      equal(idsOf(await take(store)), ["1c"], "At last");
    },
  },
  {
    title: "takes at once what becomes due by a settlement that comes with it",
    async run(store) {
      await store.add([ofProfile(1, "a"), ofProfile(1, "b")]);
      const taken = await takeOne(store);
      const { settled, taken: next } = await store.exchange([{ taken }], 1, 60_000);
      equal(settled, ["completed"], "What became of the first");
      equal(idsOf(next), ["b"], "What is taken next");
    },
  },
  {
    title: "holds back the later deliveries of a profile while one is tried again, and no others",
    async run(store) {
      await store.add([ofProfile(1, "1a"), ofProfile(1, "1b"), ofProfile(2, "2a")]);
      const [first, other] = await take(store);
      if (first === undefined || other === undefined) throw new Error("Two deliveries should be due.");
      equal(await fail(store, first), "retryable", "What became of the first");
      await complete(store, other);
      await store.add([ofProfile(1, "1c"), ofProfile(2, "2b")]);
      equal(idsOf(await take(store)), ["2b"], "What is due meanwhile");
      await pause(FIRST_WAIT_MS + 10);
      const again = await takeOne(store);
      equal([again.delivery.deliveryId, again.attempt], ["1a", 2], "What is due after the backoff");
      await complete(store, again);
      equal(idsOf(await take(store)), ["1b"], "What is due after that");
    },
  },
  {
    title: "does not hold back deliveries of a profile behind one that is discarded",
    async run(store) {
      await store.add(["a", "b", "c", "d"].map((id) => ofProfile(1, id)));
      await fail(store, await takeOne(store), { isFinal: true });
      const next = await takeOne(store);
      equal(next.delivery.deliveryId, "b", "What is due after the first was given up");
      await fail(store, next);
      equal(await store.discard("b"), true, "Whether one that waits for its next attempt is discarded by hand");
      equal((await takeOne(store)).delivery.deliveryId, "c", "What is due after that");
    },
  },
  {
    title: "passes over deliveries that are discarded while they wait behind others",
    async run(store) {
      await store.add(["a", "b", "c"].map((id) => ofProfile(1, id)));
      const first = await takeOne(store);
      equal(await store.discard("b"), true, "Whether the second is discarded");
      await complete(store, first);
      equal((await takeOne(store)).delivery.deliveryId, "c", "What is due after the first");
    },
  },
  {
    title: "never takes a replayed delivery beside another one of its profile",
    async run(store) {
      await store.add(["a", "b", "c"].map((id) => ofProfile(1, id)));
      await complete(store, await takeOne(store));
      const second = await takeOne(store);
      equal(await store.replay(["a"]), 1, "How many are replayed");
      equal(idsOf(await take(store)), [], "What is due while the second is running");
      await fail(store, second);
      equal(idsOf(await take(store)), [], "What is due while it waits for its next attempt");
      await pause(FIRST_WAIT_MS + 10);
      const seen: string[] = [];
      for (let taken = await take(store); taken.length > 0; taken = await take(store)) {
        equal(taken.length, 1, "How many are due at once");
        for (const one of taken) await complete(store, one);
        seen.push(...idsOf(taken));
      }
      equal(seen.sort(), ["a", "b", "c"], "What was taken in all");
    },
  },
  {
    title: "takes no delivery beside another one of its profile when one that waits behind them is discarded by hand",
    async run(store) {
      await store.add(["a", "b", "c"].map((id) => ofProfile(1, id)));
      await complete(store, await takeOne(store));
      const second = await takeOne(store);
      equal(await store.replay(["a"]), 1, "How many are replayed");
      equal(await store.discard("c"), true, "Whether the last is discarded");
      equal(idsOf(await take(store)), [], "While the second is running");
      await complete(store, second);
      equal(idsOf(await take(store)), ["a"], "Once it is completed");
    },
  },
  {
    title: "lets neither what is tried again nor what is new keep the other from being taken",
    policy: { backoff: { firstMs: 0, mostMs: 0, jitter: 0 } },
    async run(store) {
      const ids = Array.from({ length: 12 }, (_, index) => `old ${index}`);
      await store.add(ids.map((id) => delivery(id)));
      for (const taken of await take(store)) await fail(store, taken);
      equal(idsOf(await take(store, 4)).sort(), ids.slice(0, 4).sort(), "What is due as long as nothing is new");
      await store.add(Array.from({ length: 12 }, (_, index) => delivery(`new ${index}`)));
      for (const limit of [4, 4]) {
        const kinds = new Set(idsOf(await take(store, limit)).map((id) => id.slice(0, 3)));
        equal([...kinds].sort(), ["new", "old"], "What of it is taken");
      }
      const ones = new Set(idsOf([...(await take(store, 1)), ...(await take(store, 1))]).map((id) => id.slice(0, 3)));
      equal([...ones].sort(), ["new", "old"], "What of it is taken one by one");
    },
  },
  {
    title: "finds what is due behind thousands that a delivery of their profile holds back",
    async run(store) {
      await store.add([ofProfile(1, "first")]);
      const first = await takeOne(store);
      for (let batch = 0; batch < 25; batch += 1) {
        await store.add(Array.from({ length: 100 }, (_, index) => ofProfile(1, `held ${batch} ${index}`)));
      }
      await store.add([ofProfile(2, "other")]);
      let exchange = await store.exchange([], 10, 60_000);
      for (let more = 0; exchange.taken.length === 0 && exchange.nextDueMs === 0 && more < 100; more += 1) {
        exchange = await store.exchange([], 10, 60_000);
      }
      equal(idsOf(exchange.taken), ["other"], "What is due");
      await complete(store, first);
      equal(idsOf(await take(store, 10)), ["held 0 0"], "What is due after the first");
    },
  },
  {
    title: "gives an attempt whose lease has run out to another, and takes no settlement of the first any more",
    async run(store) {
      await store.add([ofProfile(1, "a"), ofProfile(1, "b")]);
      const late = await takeOne(store, 30);
      await sweepUntil(store, async () => (await store.get("a"))?.state === "retryable");
      equal(await complete(store, late), "lost", "What becomes of a settlement between attempts");
      await pause(FIRST_WAIT_MS + 10);
      const again = await takeOne(store);
      equal([again.delivery.deliveryId, again.attempt], ["a", 2], "What is due");
      equal(await complete(store, late), "lost", "What becomes of a settlement that comes late");
      equal(await fail(store, late, { isFinal: true }), "lost", "What becomes of a failure that comes late");
      equal((await store.get("a"))?.state, "running", "The state of the delivery");
      equal(await complete(store, again), "completed", "What becomes of the settlement of the latest attempt");
    },
  },
  {
    title: "takes one at a time, beside others, of the deliveries whose last two attempts nobody settled",
    policy: { attempts: 4, backoff: { firstMs: 0, mostMs: 0, jitter: 0 } },
    async run(store) {
      await store.add(["a", "b", "c"].map((id) => delivery(id)));
      for (const time of ["first", "second"]) {
        equal(idsOf(await take(store, 100, 20)).sort(), ["a", "b", "c"], `What is due the ${time} time`);
        await sweepUntil(store, async () => (await store.stats()).retryable === 3);
      }
      await store.add([delivery("d")]);
      const [suspect, other] = (await take(store)).sort((one, two) => two.attempt - one.attempt);
      if (suspect === undefined || other === undefined) throw new Error("Two deliveries should be due.");
      equal([suspect.attempt, other.delivery.deliveryId], [3, "d"], "What is due then");
      const { taken, nextDueMs } = await store.exchange([], 100, 60_000);
      equal([idsOf(taken), nextDueMs === 0], [[], false], "What is due beside that, and whether to ask again at once");
      const { taken: second } = await store.exchange([{ taken: suspect }], 100, 60_000);
      equal(second.length, 1, "How many are due once it is settled");
      for (const one of second) await fail(store, one);
      equal(
        (await take(store)).length,
        2,
        "How many are due once the one before the last has failed, and is no longer one of them",
      );
    },
  },
  {
    title: "takes no settlement of an attempt from before a replay",
    async run(store) {
      await store.add([delivery("a")]);
      const late = await takeOne(store, 30);
      await sweepUntil(store, async () => (await store.get("a"))?.state === "retryable");
      await store.replay(["a"]);
      const again = await takeOne(store);
      equal(again.attempt, 1, "Which attempt it is");
      equal(await complete(store, late), "lost", "What becomes of the settlement");
      equal(await complete(store, again), "completed", "What becomes of that of the latest attempt");
    },
  },
];

import type { InboxStore, TakenDelivery } from "../store.ts";
import { complete, equal, fail, idsOf, ofProfile, sweepUntil, take, takeOne } from "./case.ts";

/** A test of what a store has kept. */
export interface ReopeningCase {
  readonly title: string;
  /** What is done before it is closed. Resolves to attempts that are not settled. */
  readonly before: (store: InboxStore) => Promise<TakenDelivery[]>;
  /** What must be so once it was opened again. */
  readonly after: (store: InboxStore, unsettled: readonly TakenDelivery[]) => Promise<void>;
}

/** Tests of what a store has kept. */
export const reopeningCases: readonly ReopeningCase[] = [
  {
    title: "has all that it stored when it is opened again, and what became of it",
    async before(store) {
      await store.add([ofProfile(1, "a"), ofProfile(1, "b"), ofProfile(2, "c"), ofProfile(3, "d")]);
      const [first, third, last, ...others] = await take(store);
      if (first === undefined || third === undefined || last === undefined) throw new Error("Three should be due.");
      await complete(store, first);
      await complete(store, third);
      await fail(store, last, { message: "no", isFinal: true });
      return others;
    },
    async after(store) {
      equal((await store.get("a"))?.state, "completed", "The state of the first");
      equal((await store.get("d"))?.state, "discarded", "The state of the last");
      equal(
        (await store.get("d"))?.errors.map(({ message }) => message),
        ["no"],
        "The errors of the last",
      );
      equal(await store.add([ofProfile(1, "a"), ofProfile(1, "b")]), ["duplicate", "duplicate"], "What comes again");
      equal(idsOf(await take(store)), ["b"], "What is due");
      equal((await store.stats()).completed, 2, "How many are completed");
    },
  },
  {
    title: "makes attempts again that were being made when it was closed, and takes no settlement of them any more",
    async before(store) {
      await store.add([ofProfile(1, "a"), ofProfile(1, "b")]);
      return [await takeOne(store, 50)];
    },
    async after(store, unsettled) {
      await sweepUntil(store, async () => (await store.get("a"))?.state === "retryable");
      let again: TakenDelivery[] = [];
      await sweepUntil(store, async () => {
        again = await take(store);
        return again.length > 0;
      });
      equal(
        again.map(({ delivery: { deliveryId }, attempt }) => [deliveryId, attempt]),
        [["a", 2]],
        "What is due",
      );
      for (const late of unsettled)
        equal(await complete(store, late), "lost", "What becomes of the settlement of the first attempt");
    },
  },
];

import { describe, expect, test } from "vitest";
import { DiscardError } from "../../../src/inbox.ts";
import { kinds, ofProfile, received, start } from "./inboxes.ts";

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("replays by a filter what is discarded, unless the filter says otherwise", async () => {
    let fails = true;
    const inbox = start(
      make,
      async ({ deliveryId }) => {
        if (fails && deliveryId.startsWith("bad")) throw new DiscardError("no");
        return undefined;
      },
      { concurrency: 50 },
    );
    const ids = Array.from({ length: 500 }, (_, index) => `${index % 2 === 0 ? "bad" : "good"} ${index}`);
    await Promise.all(ids.map((id, index) => inbox.receive(ofProfile(index, id))));
    await inbox.drain();
    expect(await inbox.stats()).toMatchObject({ completed: 250, discarded: 250 });
    fails = false;
    expect(await inbox.replay({ profile: 4 })).toBe(1);
    expect(await inbox.replay({ event: "profile.update" })).toBe(0);
    expect(await inbox.replay({ event: "profile.create" })).toBe(249);
    await inbox.drain();
    expect(await inbox.stats()).toMatchObject({ completed: 500, discarded: 0 });
    expect(await inbox.replay({ state: "completed", profile: 3 })).toBe(1);
  });

  test("lists in pages of the length that is asked for", async () => {
    const inbox = start(make, async () => undefined, { work: false });
    await Promise.all(Array.from({ length: 7 }, (_, index) => inbox.receive(ofProfile(1, `${index}`))));
    const first = await inbox.list({ limit: 5 });
    expect(first.deliveries.map(({ deliveryId }) => deliveryId)).toEqual(["6", "5", "4", "3", "2"]);
    const { deliveries, cursor } = await inbox.list({ limit: 5, cursor: first.cursor });
    expect(deliveries.map(({ deliveryId }) => deliveryId)).toEqual(["1", "0"]);
    expect(cursor).toBeUndefined();
    await expect(inbox.list({ limit: 0 })).rejects.toThrow("limit must be a whole number from 1 to 1000");
  });

  test("refuses a filter that is misspelled, which would mean every delivery", async () => {
    const inbox = start(make, async () => undefined, { work: false });
    await expect(inbox.replay({ stat: "discarded" } as object)).rejects.toThrow(
      /inbox\.replay has no option stat\. Did you mean state\?/,
    );
    await expect(inbox.list({ state: "done" as "completed" })).rejects.toThrow(
      /inbox\.list: state must be "available" or/,
    );
    await expect(inbox.list({ profile: "1" as unknown as number })).rejects.toThrow(/profile must be a whole number/);
    await expect(inbox.list({ receivedFrom: new Date("never") })).rejects.toThrow(/receivedFrom must be a valid Date/);
  });

  test("gives up a delivery by hand", async () => {
    const inbox = start(make, async () => undefined, { work: false });
    await inbox.receive(received("a"));
    expect(await inbox.discard("a")).toBe(true);
    expect(await inbox.discard("a")).toBe(false);
    expect(await inbox.get("a")).toMatchObject({ state: "discarded", attempt: 0 });
  });
});

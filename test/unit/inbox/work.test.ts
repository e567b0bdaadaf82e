import { describe, expect, test, vi } from "vitest";
import type { Process, StoredDelivery } from "../../../src/inbox.ts";
import { eventually, kinds, ofProfile, received, start } from "./inboxes.ts";

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("gives each delivery to those who process it, as it came, with the headers that are stored alone", async () => {
    const seen: { delivery: StoredDelivery; attempt: number }[] = [];
    const inbox = start(make, async (delivery, { attempt }) => {
      seen.push({ delivery, attempt });
      return undefined;
    });
    const headers = { cookie: "secret", authorization: "secret", signature: "secret", "X-Nonce": "n", Date: "now" };
    const delivery = received("a", { headers: new Headers(headers), body: Uint8Array.from([0, 255, 10]) });
    expect(await inbox.receive(delivery)).toBe("stored");
    expect(await inbox.receive(delivery)).toBe("duplicate");
    await inbox.drain();
    expect(seen).toEqual([
      {
        attempt: 1,
        delivery: expect.objectContaining({
          deliveryId: "a",
          receivedAt: delivery.receivedAt,
          url: delivery.url,
          headers: { "x-nonce": "n", date: "now" },
          body: delivery.body,
        }),
      },
    ]);
    expect(await inbox.stats()).toMatchObject({ available: 0, running: 0, retryable: 0, completed: 1, discarded: 0 });
  });

  test("works by itself, without being asked to", async () => {
    const inbox = start(make, async () => undefined);
    await inbox.receive(received("a"));
    await eventually(async () => expect((await inbox.stats()).completed).toBe(1));
  });

  test("with work: false, works only when it is asked to drain", async () => {
    const process = vi.fn<Process>(async () => undefined);
    const inbox = start(make, process, { work: false });
    await inbox.receive(received("a"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process).not.toHaveBeenCalled();
    await inbox.drain();
    expect(process).toHaveBeenCalledTimes(1);
  });

  test("drains what came behind thousands of deliveries of a profile that waits for its next attempt", async () => {
    const worked: string[] = [];
    const inbox = start(
      make,
      async ({ deliveryId }) => {
        if (deliveryId === "first") throw new Error("No luck.");
        worked.push(deliveryId);
        return undefined;
      },
      { work: false, backoff: { firstMs: 60_000 } },
    );
    const waiting = Array.from({ length: 2_500 }, (_, index) => ofProfile(1, `waits-${index}`));
    const all = [ofProfile(1, "first"), ...waiting, ofProfile(2, "last")];
    await Promise.all(all.map((delivery) => inbox.receive(delivery)));
    await inbox.drain();
    expect(worked).toEqual(["last"]);
  });

  test("never works on more than concurrency deliveries at once, nor on two of one profile", async () => {
    let most = 0;
    const running: number[] = [];
    const order = new Map<number, string[]>();
    const inbox = start(
      make,
      async ({ deliveryId, event }) => {
        const profile = event?.profile ?? 0;
        expect(running).not.toContain(profile);
        running.push(profile);
        most = Math.max(most, running.length);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        running.splice(running.indexOf(profile), 1);
        order.set(profile, [...(order.get(profile) ?? []), deliveryId]);
        return undefined;
      },
      { concurrency: 3 },
    );
    const sent = Array.from({ length: 60 }, (_, index) => ofProfile(index % 7, `${index}`));
    await Promise.all(sent.map((delivery) => inbox.receive(delivery)));
    await inbox.drain();
    expect(most).toBe(3);
    for (const [profile, ids] of order) {
      expect(ids).toEqual(sent.filter(({ event }) => event?.profile === profile).map(({ deliveryId }) => deliveryId));
    }
  });

  test('with order: "none", works on deliveries of one profile side by side', async () => {
    let running = 0;
    let most = 0;
    const inbox = start(
      make,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 10));
        running -= 1;
        return undefined;
      },
      { order: "none", concurrency: 4 },
    );
    await Promise.all(Array.from({ length: 8 }, (_, index) => inbox.receive(ofProfile(1, `${index}`))));
    await inbox.drain();
    expect(most).toBe(4);
  });
});

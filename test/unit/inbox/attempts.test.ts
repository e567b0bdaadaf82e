import { afterEach, describe, expect, test, vi } from "vitest";
import { createMemoryStore } from "../../../src/inbox/memory.ts";
import { type DeliveryRecord, DiscardError, type Process } from "../../../src/inbox.ts";
import { eventually, kinds, ofProfile, received, start } from "./inboxes.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("tries again what throws, until it succeeds, and keeps the error of each attempt", async () => {
    const inbox = start(make, async (_, { attempt }) => {
      if (attempt < 3) throw new Error(`not at ${attempt}`, { cause: new TypeError("underneath") });
      return undefined;
    });
    await inbox.receive(received("a"));
    await eventually(async () => expect((await inbox.get("a"))?.state).toBe("completed"));
    const record = await inbox.get("a");
    expect(record?.attempt).toBe(3);
    expect(record?.errors.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(record?.errors[0]?.message).toMatch(/not at 1[\s\S]*Caused by: [\s\S]*underneath/);
  });

  test("discards what still throws at its last attempt, and tells onDiscarded all about it", async () => {
    const onDiscarded = vi.fn<(delivery: DeliveryRecord) => void>();
    const inbox = start(make, () => Promise.reject(new Error("never")), { attempts: 2, onDiscarded });
    await inbox.receive(received("a"));
    await eventually(() => expect(onDiscarded).toHaveBeenCalledTimes(1));
    expect(onDiscarded.mock.calls[0]?.[0]).toMatchObject({ deliveryId: "a", state: "discarded", attempt: 2 });
    expect(onDiscarded.mock.calls[0]?.[0].errors).toHaveLength(2);
  });

  test("discards at once what a callback gives up, by its code, as the class may have been loaded twice", async () => {
    const foreign = Object.assign(new Error("given up elsewhere"), { code: "delivery_discarded" });
    const inbox = start(make, ({ deliveryId }) =>
      Promise.reject(deliveryId === "a" ? new DiscardError("given up") : foreign),
    );
    await Promise.all([inbox.receive(ofProfile(1, "a")), inbox.receive(ofProfile(2, "b"))]);
    await inbox.drain();
    for (const id of ["a", "b"]) expect(await inbox.get(id)).toMatchObject({ state: "discarded", attempt: 1 });
  });

  test("discards at once what can't be processed as it is, with the reason", async () => {
    const inbox = start(make, async () => ({ code: "invalid_event", message: "no profile" }));
    await inbox.receive(received("a"));
    await inbox.drain();
    const record = await inbox.get("a");
    expect(record).toMatchObject({ state: "discarded", attempt: 1 });
    expect(record?.errors.map(({ message }) => message)).toEqual(["invalid_event: no profile"]);
  });

  test("stores what the handler refuses as discarded, tells onDiscarded, and processes it once it is replayed", async () => {
    const onDiscarded = vi.fn<(delivery: DeliveryRecord) => void>();
    const process = vi.fn<Process>(async () => undefined);
    const inbox = start(make, process, { onDiscarded });
    const refusal = { code: "undecodable_body", message: "x".repeat(10_000) };
    await inbox.receive(received("a", { event: undefined, refusal }));
    await eventually(() => expect(onDiscarded).toHaveBeenCalledTimes(1));
    await inbox.drain();
    expect(process).not.toHaveBeenCalled();
    expect((await inbox.get("a"))?.errors[0]).toMatchObject({ attempt: 0 });
    expect((await inbox.get("a"))?.errors[0]?.message).toHaveLength(4_000);
    expect(await inbox.replay("a")).toBe(1);
    await inbox.drain();
    expect(await inbox.get("a")).toMatchObject({ state: "completed", attempt: 1 });
  });

  test("counts an attempt as failed that outlives its lease, aborts its signal, and takes nothing of it any more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }); // else a busy machine ends leases, too
    const signals: AbortSignal[] = [];
    let endFirst = (): void => {};
    const inbox = start(
      make,
      async (_, { attempt, signal }) => {
        signals.push(signal);
        if (attempt === 1) {
          await new Promise<void>((resolve) => {
            endFirst = resolve;
          });
          throw new DiscardError("It is too late to give it up.");
        }
        endFirst();
        await new Promise((resolve) => setTimeout(resolve, 10));
        throw new Error("again");
      },
      { leaseMs: 60, attempts: 3 },
    );
    await inbox.receive(received("a"));
    await passUntil(async () => (await inbox.get("a"))?.state === "discarded");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
    const record = await inbox.get("a");
    expect(record?.attempt).toBe(3);
    expect(record?.errors.map(({ message }) => message.includes("lease of 60 ms"))).toEqual([true, false, false]);
  });
});

test("a store in memory leaves it to those who make an attempt to end it with its lease, unless they stand still", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const policy = { attempts: 2, backoff: { firstMs: 0, mostMs: 0, jitter: 0 }, maxBytes: 1_024, warn() {} };
  const store = createMemoryStore({ ...policy, keep: { completedMs: 60_000, discardedMs: 60_000 } });
  await store.add([{ ...received("a"), headers: {}, refusal: undefined }]);
  await store.exchange([], 1, 1_000);
  for (const [passesMs, state] of [
    [1_050, "running"],
    [100, "retryable"],
  ] as const) {
    vi.advanceTimersByTime(passesMs);
    await store.sweep();
    expect(await store.get("a")).toMatchObject({ state });
  }
});

/** Lets time pass, a millisecond at a time, until something is so. */
async function passUntil(isSo: () => Promise<boolean>): Promise<void> {
  for (let passed = 0; passed < 10_000; passed += 1) {
    if (await isSo()) return;
    await vi.advanceTimersByTimeAsync(1);
  }
  throw new Error("However much time passes, nothing comes of it.");
}

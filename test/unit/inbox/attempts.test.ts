import { describe, expect, test, vi } from "vitest";
import { type DeliveryRecord, DiscardError, type Process } from "../../../src/inbox.ts";
import { kinds, ofProfile, received, start } from "./inboxes.ts";

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("tries again what throws, until it succeeds, and keeps the error of each attempt", async () => {
    const inbox = start(make, async (_, { attempt }) => {
      if (attempt < 3) throw new Error(`not at ${attempt}`, { cause: new TypeError("underneath") });
      return undefined;
    });
    await inbox.receive(received("a"));
    await vi.waitFor(async () => expect((await inbox.get("a"))?.state).toBe("completed"));
    const record = await inbox.get("a");
    expect(record?.attempt).toBe(3);
    expect(record?.errors.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(record?.errors[0]?.message).toMatch(/not at 1[\s\S]*Caused by: [\s\S]*underneath/);
  });

  test("discards what still throws at its last attempt, and tells onDiscarded all about it", async () => {
    const onDiscarded = vi.fn<(delivery: DeliveryRecord) => void>();
    const inbox = start(make, () => Promise.reject(new Error("never")), { attempts: 2, onDiscarded });
    await inbox.receive(received("a"));
    await vi.waitFor(() => expect(onDiscarded).toHaveBeenCalledTimes(1));
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
    await vi.waitFor(() => expect(onDiscarded).toHaveBeenCalledTimes(1));
    await inbox.drain();
    expect(process).not.toHaveBeenCalled();
    expect((await inbox.get("a"))?.errors[0]).toMatchObject({ attempt: 0 });
    expect((await inbox.get("a"))?.errors[0]?.message).toHaveLength(4_000);
    expect(await inbox.replay("a")).toBe(1);
    await inbox.drain();
    expect(await inbox.get("a")).toMatchObject({ state: "completed", attempt: 1 });
  });

  test("counts an attempt as failed that outlives its lease, aborts its signal, and takes nothing of it any more", async () => {
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
    await vi.waitFor(async () => expect((await inbox.get("a"))?.state).toBe("discarded"));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
    const record = await inbox.get("a");
    expect(record?.attempt).toBe(3);
    expect(record?.errors.map(({ message }) => message.includes("lease of 60 ms"))).toEqual([true, false, false]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { createMemoryStore } from "../../../src/inbox/memory.ts";
import {
  createInbox,
  DiscardError,
  type Inbox,
  type InboxOptions,
  type InboxStore,
  InboxUnavailableError,
  type Process,
} from "../../../src/inbox.ts";
import { eventually, open, QUICK, received } from "./inboxes.ts";

describe("an inbox whose store fails", () => {
  function withStore(change: (store: InboxStore) => Partial<InboxStore>, options: InboxOptions = {}): Inbox {
    const inbox = createInbox(
      (policy) => {
        const store = createMemoryStore(policy);
        return { ...store, ...change(store) };
      },
      { ...QUICK, ...options },
    );
    open.push(inbox);
    return inbox;
  }

  test("refuses what can't be stored, and stores again once it can", async () => {
    let isFull = true;
    const inbox = withStore((store) => ({
      add(deliveries) {
        if (isFull) throw new InboxUnavailableError("The disk is full.");
        return store.add(deliveries);
      },
    }));
    const outcomes = await Promise.allSettled(["a", "b"].map((id) => inbox.receive(received(id))));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    isFull = false;
    expect(await inbox.receive(received("a"))).toBe("stored");
  });

  test("does not forget that a callback succeeded when that can't be noted at first", async () => {
    let failures = 3;
    const onWarning = vi.fn();
    const process = vi.fn<Process>(async () => undefined);
    const inbox = withStore(
      (store) => ({
        exchange(settlements, limit, leaseMs) {
          if (settlements.length > 0 && failures > 0) {
            failures -= 1;
            throw new Error("The engine is away.");
          }
          return store.exchange(settlements, limit, leaseMs);
        },
      }),
      { onWarning },
    );
    inbox.work(process, { timeoutMs: 1_000 });
    await inbox.receive(received("a"));
    await eventually(async () => expect((await inbox.stats()).completed).toBe(1));
    expect(process).toHaveBeenCalledTimes(1);
    expect(onWarning).toHaveBeenCalledTimes(1);
  });

  test("stops though its store fails, and leaves nothing behind that tries again", async () => {
    const exchange = vi.fn(() => {
      throw new Error("The engine is away.");
    });
    let finish = (): void => {};
    const inbox = withStore((store) => ({
      exchange: (settlements, limit, leaseMs) =>
        settlements.length > 0 ? exchange() : store.exchange(settlements, limit, leaseMs),
    }));
    const process = vi.fn<Process>(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return undefined;
    });
    inbox.work(process, { timeoutMs: 1_000 });
    await inbox.receive(received("a"));
    await eventually(() => expect(process).toHaveBeenCalled());
    finish();
    await eventually(() => expect(exchange).toHaveBeenCalled());
    await inbox.stop({ graceMs: 10 });
    const calls = exchange.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(exchange).toHaveBeenCalledTimes(calls);
  });

  test("says so to who asked it to drain", async () => {
    const inbox = withStore(() => ({
      exchange() {
        throw new Error("The engine is away.");
      },
    }));
    inbox.work(async () => undefined, { timeoutMs: 1_000 });
    await expect(inbox.drain()).rejects.toThrow("The engine is away.");
  });

  test("warns when onDiscarded fails, and goes on", async () => {
    const onWarning = vi.fn();
    const onDiscarded = (): never => {
      throw new Error("The chat is down.");
    };
    const inbox = withStore(() => ({}), { onWarning, onDiscarded });
    inbox.work(() => Promise.reject(new DiscardError("no")), { timeoutMs: 1_000 });
    await inbox.receive(received("a"));
    await eventually(() => expect(onWarning).toHaveBeenCalledWith("onDiscarded failed.", expect.any(Error)));
  });

  test("stores what arrives in one turn, or while others are being stored, at once", async () => {
    const batches: number[] = [];
    let goOn = (): void => {};
    const second = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const inbox = withStore((store) => ({
      async add(deliveries) {
        batches.push(deliveries.length);
        await second;
        return await store.add(deliveries);
      },
    }));
    const receive = (name: string, length: number): Promise<unknown>[] =>
      Array.from({ length }, (_, index) => inbox.receive(received(`${name} ${index}`)));
    const first = receive("first", 5);
    await eventually(() => expect(batches).toEqual([5]));
    const others = receive("second", 300);
    goOn();
    await Promise.all([...first, ...others]);
    expect(batches).toEqual([5, 256, 44]);
  });

  test("does not hold more bodies that wait to be stored than it may", async () => {
    const inbox = withStore(() => ({ add: () => new Promise(() => {}) }));
    const body = new Uint8Array(1_024 * 1_024);
    const all = Array.from({ length: 65 }, (_, index) => inbox.receive(received(`${index}`, { body })));
    await expect(Promise.race(all)).rejects.toThrow("Too many deliveries wait");
    open.splice(0); // its store never comes back, so that it can't stop
  });
});

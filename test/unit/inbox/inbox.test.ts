import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { createMemoryStore, memoryInbox } from "../../../src/inbox/memory.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import {
  type Attempt,
  createInbox,
  type DeliveryRecord,
  DiscardError,
  type Inbox,
  type InboxOptions,
  type InboxStore,
  InboxUnavailableError,
  type Process,
  type ReceivedDelivery,
  type StoredDelivery,
} from "../../../src/inbox.ts";
import { hasSqlite, makeFolder } from "../../fixtures/files.ts";

const open: Inbox[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((inbox) => inbox.stop({ graceMs: 0 })));
});

function received(deliveryId: string, differences: Partial<ReceivedDelivery> = {}): ReceivedDelivery {
  return {
    deliveryId,
    receivedAt: new Date(),
    url: "https://example.com/webhooks/copernica",
    headers: new Headers({ "content-type": "application/json" }),
    body: new TextEncoder().encode("{}"),
    event: { name: "profile.create", profile: 1, database: 2 },
    ...differences,
  };
}

/** A delivery of a profile. */
function ofProfile(profile: number, deliveryId: string): ReceivedDelivery {
  return received(deliveryId, { event: { name: "profile.create", profile } });
}

const QUICK: InboxOptions = { backoff: { firstMs: 1, mostMs: 5 }, onWarning: () => {} };

const folder = hasSqlite ? makeFolder() : undefined;
afterAll(() => folder?.remove());
let files = 0;

const kinds: { name: string; make: (options: InboxOptions) => Inbox }[] = [{ name: "memory", make: memoryInbox }];
if (folder !== undefined) {
  kinds.push({
    name: "SQLite",
    make(options) {
      files += 1;
      return sqliteInbox(folder.path(`inbox-${files}.db`), options);
    },
  });
}

test("the errors of an inbox have the names of their classes, and no status, as they are never answered", () => {
  for (const error of [new DiscardError("no"), new InboxUnavailableError("no")]) {
    expect(error).toHaveProperty("name", error.constructor.name);
    expect(error).not.toHaveProperty("status");
  }
});

describe.each(kinds)("an inbox in $name", ({ make }) => {
  function start(process: Process, options: InboxOptions = {}, timeoutMs = 1_000): Inbox {
    const inbox = make({ ...QUICK, ...options });
    open.push(inbox);
    inbox.work(process, { timeoutMs });
    return inbox;
  }

  test("gives each delivery to those who process it, as it came, with the headers that are stored alone", async () => {
    const seen: { delivery: StoredDelivery; attempt: number }[] = [];
    const inbox = start(async (delivery, { attempt }) => {
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
    const inbox = start(async () => undefined);
    await inbox.receive(received("a"));
    await vi.waitFor(async () => expect((await inbox.stats()).completed).toBe(1));
  });

  test("with work: false, works only when it is asked to drain", async () => {
    const process = vi.fn<Process>(async () => undefined);
    const inbox = start(process, { work: false });
    await inbox.receive(received("a"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(process).not.toHaveBeenCalled();
    await inbox.drain();
    expect(process).toHaveBeenCalledTimes(1);
  });

  test("drains what came behind thousands of deliveries of a profile that waits for its next attempt", async () => {
    const worked: string[] = [];
    const inbox = start(
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

  test("tries again what throws, until it succeeds, and keeps the error of each attempt", async () => {
    const inbox = start(async (_, { attempt }) => {
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
    const inbox = start(() => Promise.reject(new Error("never")), { attempts: 2, onDiscarded });
    await inbox.receive(received("a"));
    await vi.waitFor(() => expect(onDiscarded).toHaveBeenCalledTimes(1));
    expect(onDiscarded.mock.calls[0]?.[0]).toMatchObject({ deliveryId: "a", state: "discarded", attempt: 2 });
    expect(onDiscarded.mock.calls[0]?.[0].errors).toHaveLength(2);
  });

  test("discards at once what a callback gives up, by its code, as the class may have been loaded twice", async () => {
    const foreign = Object.assign(new Error("given up elsewhere"), { code: "delivery_discarded" });
    const inbox = start(({ deliveryId }) =>
      Promise.reject(deliveryId === "a" ? new DiscardError("given up") : foreign),
    );
    await Promise.all([inbox.receive(ofProfile(1, "a")), inbox.receive(ofProfile(2, "b"))]);
    await inbox.drain();
    for (const id of ["a", "b"]) expect(await inbox.get(id)).toMatchObject({ state: "discarded", attempt: 1 });
  });

  test("discards at once what can't be processed as it is, with the reason", async () => {
    const inbox = start(async () => ({ code: "invalid_event", message: "no profile" }));
    await inbox.receive(received("a"));
    await inbox.drain();
    const record = await inbox.get("a");
    expect(record).toMatchObject({ state: "discarded", attempt: 1 });
    expect(record?.errors.map(({ message }) => message)).toEqual(["invalid_event: no profile"]);
  });

  test("stores what the handler refuses as discarded, tells onDiscarded, and processes it once it is replayed", async () => {
    const onDiscarded = vi.fn<(delivery: DeliveryRecord) => void>();
    const process = vi.fn<Process>(async () => undefined);
    const inbox = start(process, { onDiscarded });
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

  test("replays by a filter what is discarded, unless the filter says otherwise", async () => {
    let fails = true;
    const inbox = start(
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
    const inbox = start(async () => undefined, { work: false });
    await Promise.all(Array.from({ length: 7 }, (_, index) => inbox.receive(ofProfile(1, `${index}`))));
    const first = await inbox.list({ limit: 5 });
    expect(first.deliveries.map(({ deliveryId }) => deliveryId)).toEqual(["6", "5", "4", "3", "2"]);
    const { deliveries, cursor } = await inbox.list({ limit: 5, cursor: first.cursor });
    expect(deliveries.map(({ deliveryId }) => deliveryId)).toEqual(["1", "0"]);
    expect(cursor).toBeUndefined();
    await expect(inbox.list({ limit: 0 })).rejects.toThrow("limit must be a whole number from 1 to 1000");
  });

  test("refuses a filter that is misspelled, which would mean every delivery", async () => {
    const inbox = start(async () => undefined, { work: false });
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
    const inbox = start(async () => undefined, { work: false });
    await inbox.receive(received("a"));
    expect(await inbox.discard("a")).toBe(true);
    expect(await inbox.discard("a")).toBe(false);
    expect(await inbox.get("a")).toMatchObject({ state: "discarded", attempt: 0 });
  });

  test("stops once what is running has ended, and stores nothing after that", async () => {
    let ended = 0;
    const inbox = start(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ended += 1;
      return undefined;
    });
    await inbox.receive(ofProfile(1, "a"));
    await inbox.receive(ofProfile(1, "b"));
    await vi.waitFor(async () => expect((await inbox.stats()).running).toBe(1));
    await inbox.stop();
    expect(ended).toBe(1);
    await expect(inbox.receive(received("c"))).rejects.toThrow(InboxUnavailableError);
    await expect(inbox.stats()).rejects.toThrow("The inbox is stopped.");
    await inbox.stop();
  });

  test("aborts what takes longer than the grace when it stops", async () => {
    let reason: unknown;
    const inbox = start((_, { signal }: Attempt) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    });
    await inbox.receive(received("a"));
    await vi.waitFor(async () => expect((await inbox.stats()).running).toBe(1));
    await inbox.stop({ graceMs: 20 });
    expect(reason).toMatchObject({ name: "AbortError", message: "The inbox stops." });
  });

  test("refuses options that are misspelled or can't be used", () => {
    const refused = (options: object): unknown => {
      try {
        open.push(make(options));
      } catch (error) {
        return (error as { code?: unknown; message?: unknown }).message;
      }
      return undefined;
    };
    expect(refused({ concurency: 3 })).toMatch(/Inbox has no option concurency\. Did you mean concurrency\?/);
    expect(refused({ concurrency: 0 })).toMatch(/concurrency must be a whole number from 1 to 1000/);
    expect(refused({ attempts: 1.5 })).toMatch(/attempts must/);
    expect(refused({ order: "fifo" })).toMatch(/order must be "profile" or "none"/);
    expect(refused({ work: 1 })).toMatch(/work must/);
    expect(refused({ backoff: { first: 1 } })).toMatch(/Inbox: backoff has no option first\. Did you mean firstMs\?/);
    expect(refused({ backoff: { firstMs: 10, mostMs: 5 } })).toMatch(/backoff\.mostMs must be a whole number from 10/);
    expect(refused({ backoff: { jitter: 2 } })).toMatch(/jitter/);
    expect(refused({ keep: { completedMs: -1 } })).toMatch(/keep\.completedMs/);
    expect(refused({ leaseMs: 2 ** 31 })).toMatch(/leaseMs/);
    expect(refused({ maxBytes: "1GB" })).toMatch(/maxBytes/);
    expect(refused({ onDiscarded: true })).toMatch(/onDiscarded must be a function/);
    expect(refused({ concurrency: undefined, backoff: undefined, keep: { completedMs: undefined } })).toBeUndefined();
  });

  test("has one handler", async () => {
    const inbox = make({});
    open.push(inbox);
    await expect(inbox.drain()).rejects.toThrow("no handler");
    inbox.work(async () => undefined, { timeoutMs: 1_000 });
    expect(() => inbox.work(async () => undefined, { timeoutMs: 1_000 })).toThrow("make one for each handler");
  });
});

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
    await vi.waitFor(async () => expect((await inbox.stats()).completed).toBe(1), { timeout: 5_000 });
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
    await vi.waitFor(() => expect(process).toHaveBeenCalled());
    finish();
    await vi.waitFor(() => expect(exchange).toHaveBeenCalled());
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
    await vi.waitFor(() => expect(onWarning).toHaveBeenCalledWith("onDiscarded failed.", expect.any(Error)));
  });

  test("stores what arrives in one turn, or while others are being stored, at once", async () => {
    const batches: number[] = [];
    const inbox = withStore((store) => ({
      async add(deliveries) {
        batches.push(deliveries.length);
        await new Promise((resolve) => setTimeout(resolve, 10));
        return await store.add(deliveries);
      },
    }));
    const first = Array.from({ length: 5 }, (_, index) => inbox.receive(received(`first ${index}`)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = Array.from({ length: 300 }, (_, index) => inbox.receive(received(`second ${index}`)));
    await Promise.all([...first, ...second]);
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

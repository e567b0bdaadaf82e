import { describe, expect, test } from "vitest";
import type { KeyStore, StoredKey } from "../../src/index.ts";
import {
  createWorld,
  DAY,
  failing,
  genuine,
  HOUR,
  MINUTE,
  NAME,
  never,
  other,
  SECOND,
  settle,
  skip,
  stopTheClock,
} from "../fixtures/keys.ts";

stopTheClock();

/** A store of JSON, as a file or a KV is. */
class Store implements KeyStore {
  kept: string | undefined;
  gets = 0;
  sets = 0;

  readonly get = async (): Promise<unknown> => {
    this.gets += 1;
    return this.kept === undefined ? undefined : JSON.parse(this.kept);
  };

  readonly set = async (keys: readonly StoredKey[]): Promise<void> => {
    this.sets += 1;
    this.kept = JSON.stringify(keys);
  };
}

/** A store that a receiver has kept the genuine key in. */
async function createStore(): Promise<Store> {
  const store = new Store();
  const world = createWorld({ store });
  world.answer = async () => ({ records: [[genuine.record]], ttlSeconds: 3_600 });
  expect(await world.call()).toBe("verified");
  return store;
}

describe("a store of keys", () => {
  test("gives a receiver that starts its keys, so that the first call needs no DNS", async () => {
    const world = createWorld({ store: await createStore() });
    world.answer = failing("ESERVFAIL");
    expect(await world.call()).toBe("verified");
    expect(world.queries).toEqual([]);
  });

  test("holds the records of names that verified, with when they were looked up and how long they live", async () => {
    const store = await createStore();
    expect(JSON.parse(store.kept ?? "")).toEqual([
      { name: NAME, records: [[genuine.record]], ttlSeconds: 3_600, lookedUpAt: Date.now() },
    ]);
  });

  test("is read once, and written neither for strangers nor for forged calls", async () => {
    const store = await createStore();
    const world = createWorld({ store });
    expect(await world.call()).toBe("verified");
    for (let index = 0; index < 50; index += 1) await world.call(`made-up-${index}.copernica.com`, other);
    for (let call = 0; call < 5; call += 1) {
      expect((await settle(world.call(NAME, other))).value).toBe("mismatch");
      expect(await world.call()).toBe("verified");
    }
    expect({ gets: store.gets, sets: store.sets }).toEqual({ gets: 2, sets: 1 });
  });

  test("is written when the key rotates, and when its time to live is over", async () => {
    const store = await createStore();
    const world = createWorld({ store });
    expect(await world.call()).toBe("verified");
    skip(MINUTE);
    world.answer = async () => [[other.record]];
    expect(await world.call(NAME, other)).toBe("verified");
    expect(store.sets).toBe(2);
    skip(HOUR);
    expect(await world.call(NAME, other)).toBe("verified");
    expect(store.sets).toBe(3);
    expect(JSON.parse(store.kept ?? "")).toMatchObject([{ records: [[other.record]], lookedUpAt: Date.now() }]);
  });

  test("is trusted no longer than DNS: after its time to live it is asked again", async () => {
    const world = createWorld({ store: await createStore() });
    skip(HOUR);
    world.answer = async () => [[other.record]];
    expect(await world.call()).toBe("mismatch");
    expect(world.queries).toHaveLength(1);
  });

  test("has keys that hold while DNS can't be asked, for a day", async () => {
    const store = await createStore();
    skip(HOUR + DAY - 1);
    const world = createWorld({ store });
    world.answer = failing("ESERVFAIL");
    expect(await world.call()).toBe("verified");
    skip(1);
    const later = createWorld({ store });
    later.answer = failing("ESERVFAIL");
    expect(await later.call()).toBe("key_unavailable");
  });

  test.each<[string, (key: StoredKey) => object]>([
    ["of a name that is none of Copernica's", (key) => ({ ...key, name: "one.example.com" })],
    ["from the future", (key) => ({ ...key, lookedUpAt: Date.now() + 1 })],
    ["of no time", (key) => ({ ...key, lookedUpAt: undefined })],
    ["that are weak", (key) => ({ ...key, records: [["v=DKIM1; p=MAA="]] })],
    ["that are none", (key) => ({ ...key, records: 5 })],
    ["without a name", (key) => ({ ...key, name: null })],
  ])("gives no keys %s", async (_, change) => {
    const store = await createStore();
    store.kept = JSON.stringify(JSON.parse(store.kept ?? "").map(change));
    const world = createWorld({ store });
    expect(await world.call()).toBe("verified");
    expect(await world.call("one.example.com")).toBe("key_id_refused");
    expect(world.queries).toHaveLength(1);
  });

  test("with a time to live of ten years is asked again after a day", async () => {
    const store = await createStore();
    store.kept = (store.kept ?? "").replace('"ttlSeconds":3600', '"ttlSeconds":315360000');
    const world = createWorld({ store });
    skip(DAY);
    expect(await world.cost()).toBe(1);
  });

  test.each<[string, Partial<KeyStore>]>([
    ["is empty", { get: () => undefined }],
    ["has null", { get: () => null }],
    ["has an empty list", { get: () => [] }],
  ])("that %s is no reason for a warning", async (_, empty) => {
    const warnings: string[] = [];
    const world = createWorld({ store: { ...new Store(), ...empty }, onWarning: (message) => warnings.push(message) });
    expect(await world.call()).toBe("verified");
    expect(warnings).toEqual([]);
  });

  const broken = () => {
    throw new Error("no disk");
  };
  test.each<[string, Partial<KeyStore>]>([
    ["can't be read", { get: broken }],
    ["holds something else", { get: () => 5 }],
    ["never gives anything", { get: () => never() }],
    ["can't be written", { set: broken }],
    ["never ends writing", { set: () => never() }],
  ])("that %s is warned of, and costs a second at most and no event", async (_, fault) => {
    const warnings: string[] = [];
    const world = createWorld({ store: { ...new Store(), ...fault }, onWarning: (message) => warnings.push(message) });
    const { value, milliseconds } = await settle(world.call());
    expect(value).toBe("verified");
    expect(milliseconds).toBeLessThanOrEqual(SECOND);
    expect(warnings).toEqual([expect.stringContaining("store of keys")]);
    expect((await settle(world.call())).milliseconds).toBe(0);
    expect(warnings).toHaveLength(1);
  });
});

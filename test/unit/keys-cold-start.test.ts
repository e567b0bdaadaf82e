import { describe, expect, test, vi } from "vitest";
import { createWebhookHandler, type ResolveTxt } from "../../src/index.ts";
import {
  createWorld,
  dnsError,
  elapse,
  failing,
  MINUTE,
  NAME,
  never,
  SECOND,
  settle,
  skip,
  slowly,
  stopTheClock,
} from "../fixtures/keys.ts";
import { createSigner } from "../fixtures/signer.ts";

stopTheClock();

const made = (index: number) => `made-up-${index}._domainkey.copernica.com`;

describe("the first genuine call, while strangers send made-up keys,", () => {
  const trials = Array.from({ length: 30 }, (_, trial) => ({
    trial,
    strangers: 9 + Math.round((trial * 23) / 29),
    milliseconds: 100 + 50 * trial,
  }));

  test.each(trials)(
    "is answered 200: trial $trial of $strangers strangers and $milliseconds ms an answer",
    async ({ strangers, milliseconds }) => {
      const signer = await createSigner();
      const resolveTxt: ResolveTxt = (name) =>
        slowly(() => {
          if (name === signer.keyId) return [[signer.record]];
          throw dnsError("ENOTFOUND");
        }, milliseconds);
      const handler = createWebhookHandler({
        account: 1234,
        verify: { resolveTxt, maxAgeSeconds: 3_600 },
        onEvent() {},
        onError() {},
        onWarning() {},
      });
      let index = 0;
      let isOver = false;
      const flood = Array.from({ length: strangers }, async () => {
        while (!isOver) await handler(await signer.sign({ keyId: made(index++) }));
      });
      await elapse(100);
      const { value } = await settle(handler(await signer.sign()));
      isOver = true;
      await settle(Promise.all(flood));
      expect(value.status).toBe(200);
    },
  );

  test("is verified though none of theirs is ever answered, as look-ups end after 5 seconds", async () => {
    const world = createWorld();
    const answer = world.answer;
    world.answer = (name, signal) => (name === NAME ? answer(name, signal) : never(signal));
    const flood = Array.from({ length: 32 }, (_, index) => world.call(made(index)));
    await elapse(100);
    const { value, milliseconds } = await settle(world.call());
    expect(value).toBe("verified");
    expect(milliseconds).toBeLessThanOrEqual(26 * SECOND);
    expect(new Set((await settle(Promise.all(flood))).value)).toEqual(new Set(["key_unavailable"]));
  });

  test("is not kept out for ever by a resolver that never ends", async () => {
    const world = createWorld();
    const answer = world.answer;
    world.answer = (name, signal) => (name === NAME ? answer(name, signal) : never());
    const flood = Array.from({ length: 6 }, (_, index) => world.call(made(index)));
    await elapse(6 * SECOND);
    expect(await Promise.all(flood)).toEqual(Array(6).fill("key_unavailable"));
    const first = world.call();
    await elapse(26 * SECOND);
    expect(await first).toBe("key_unavailable");
    skip(MINUTE);
    expect(await world.call()).toBe("verified");
  });
});

describe("look-ups of made-up names", () => {
  test("are never more than 8 at once, also by a resolver that never ends", async () => {
    const world = createWorld();
    world.answer = () => never();
    for (let second = 0; second < 16; second += 1) {
      for (let index = 0; index < 10; index += 1) void world.call(made(10 * second + index));
      await elapse(SECOND);
    }
    expect(world.queries.length).toBeGreaterThan(0);
    expect(world.queries.length).toBeLessThanOrEqual(8);
  });

  test("end when their 5 seconds are over, and make room", async () => {
    const world = createWorld();
    let underWay = 0;
    let most = 0;
    world.answer = async (_, signal) => {
      underWay += 1;
      most = Math.max(most, underWay);
      return await never(signal).finally(() => {
        underWay -= 1;
      });
    };
    for (let index = 0; index < 40; index += 1) void world.call(made(index));
    await elapse(16 * SECOND);
    expect(world.queries.length).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(8);
    await elapse(15 * SECOND);
    expect(underWay).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leave room for names that verified before, and let them go first", async () => {
    const world = createWorld();
    const names = ["a.copernica.com", "b.copernica.com", "c.copernica.com"];
    for (const name of names) expect(await world.call(name)).toBe("verified");
    skip(2 * MINUTE * 60);
    const answer = world.answer;
    world.answer = (name, signal) => (names.includes(name) ? slowly(() => answer(name, signal), 500) : never(signal));
    for (let index = 0; index < 100; index += 1) void world.call(made(index));
    await elapse(100);
    const { value, milliseconds } = await settle(Promise.all(names.map((name) => world.call(name))));
    expect(value).toEqual(["verified", "verified", "verified"]);
    expect(milliseconds).toBeLessThanOrEqual(1.5 * SECOND);
    expect(world.queries.slice(3).filter(({ name }) => names.includes(name))).toHaveLength(3);
    await elapse(31 * SECOND);
  });

  test("wait in a bounded number, and for a bounded time", async () => {
    const world = createWorld();
    world.answer = (_, signal) => never(signal);
    const outcomes: string[] = [];
    for (let index = 0; index < 2_000; index += 1) {
      void world.call(made(index)).then((outcome) => outcomes.push(outcome));
    }
    await elapse(100);
    expect(outcomes.length).toBeGreaterThan(900);
    await elapse(31 * SECOND);
    expect(outcomes).toHaveLength(2_000);
    expect(new Set(outcomes)).toEqual(new Set(["key_unavailable"]));
    expect(world.queries.length).toBeLessThan(50);
  });

  test("push out no key that verified, and are themselves forgotten", async () => {
    const world = createWorld();
    await world.call();
    const answer = world.answer;
    world.answer = failing("ENOTFOUND");
    for (let index = 0; index < 3_000; index += 1) await world.call(made(index));
    expect(await world.cost()).toBe(0);
    expect(await world.cost(made(2_999))).toBe(0);
    expect(await world.cost(made(0))).toBe(1);
    world.answer = answer;
    for (let index = 0; index < 1_100; index += 1) await world.call(`k${index}.copernica.com`);
    expect(await world.cost("k1099.copernica.com")).toBe(0);
    expect(await world.cost("k0.copernica.com")).toBe(1);
  });
});

test("a look-up that ends with its request, as in Workers when the client leaves, keeps its name out for seconds only", async () => {
  const world = createWorld();
  const answer = world.answer;
  world.answer = () => never();
  void world.call();
  await elapse(100);
  vi.clearAllTimers();
  world.answer = answer;
  const follower = world.call();
  await elapse(7 * SECOND);
  expect(await follower).toBe("key_unavailable");
  expect(await world.call()).toBe("verified");
});

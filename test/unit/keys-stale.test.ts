import { describe, expect, test, vi } from "vitest";
import {
  createWorld,
  dnsError,
  elapse,
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
  slowly,
  stopTheClock,
  type World,
} from "../fixtures/keys.ts";

stopTheClock();

/** A receiver that has verified a call an hour ago, so that DNS is asked again. */
async function createReceiver(): Promise<World> {
  const world = createWorld();
  expect(await world.call()).toBe("verified");
  skip(HOUR);
  return world;
}

describe("while DNS can't be asked", () => {
  test.each(["ESERVFAIL", "EREFUSED", "ECONNREFUSED", "ETIMEOUT", "ECANCELLED"])(
    "because of %s, a key that was remembered verifies for a day more, then nobody can say",
    async (code) => {
      const world = await createReceiver();
      world.answer = failing(code);
      for (let hour = 0; hour < 24; hour += 1) {
        expect(await world.call()).toBe("verified");
        skip(HOUR);
      }
      expect(await world.call()).toBe("key_unavailable");
      world.answer = async () => [[genuine.record]];
      skip(SECOND);
      expect(await world.call()).toBe("verified");
    },
  );

  test("a call waits 1.8 seconds for it, and those of the next half minute not at all", async () => {
    const world = await createReceiver();
    world.answer = (_, signal) => never(signal);
    const { value, milliseconds } = await settle(Promise.all([world.call(), world.call()]));
    expect(value).toEqual(["verified", "verified"]);
    expect(milliseconds).toBe(1_800);
    await elapse(10 * SECOND);
    expect((await settle(world.call())).milliseconds).toBe(0);
    skip(30 * SECOND);
    expect((await settle(world.call())).milliseconds).toBe(1_800);
    expect(world.queries).toHaveLength(3);
    await elapse(5 * SECOND);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an answer that comes too late for a call is there for the next", async () => {
    const world = await createReceiver();
    world.answer = () => slowly(() => [[other.record]], 3 * SECOND);
    expect((await settle(world.call())).value).toBe("verified");
    await elapse(2 * SECOND);
    expect((await settle(world.call(NAME, other))).milliseconds).toBe(0);
    expect(world.queries).toHaveLength(2);
  });

  test("one time-out answers no event of a name that verified before with 503", async () => {
    const world = await createReceiver();
    let isFirst = true;
    world.answer = async (_, signal) => {
      if (!isFirst) return [[genuine.record]];
      isFirst = false;
      return await never(signal);
    };
    for (let call = 0; call < 10; call += 1) {
      expect((await settle(world.call())).value).toBe("verified");
      await elapse(SECOND);
    }
  });

  test("a first call is told to come again, and DNS is asked again after a second", async () => {
    const world = createWorld();
    world.answer = failing("ESERVFAIL");
    expect(await world.call()).toBe("key_unavailable");
    skip(999);
    expect(await world.cost()).toBe(0);
    skip(1);
    world.answer = async () => [[genuine.record]];
    expect(await world.call()).toBe("verified");
  });
});

describe("a name that verified before", () => {
  test.each([
    ["that does not exist", failing("ENOTFOUND")],
    ["without TXT records", failing("ENODATA")],
    ["without records of a key", async () => [["v=spf1 -all"]]],
    ["whose key is revoked", async () => [["v=DKIM1; p="]]],
  ])("is asked for again at once if DNS has a name %s once", async (_, answer) => {
    for (const skipped of [HOUR, 2 * HOUR]) {
      const world = await createReceiver();
      skip(skipped);
      let isFirst = true;
      world.answer = async () => {
        if (!isFirst) return [[genuine.record]];
        isFirst = false;
        return await answer();
      };
      expect(await world.call()).toBe("verified");
      expect(world.queries).toHaveLength(3);
    }
  });

  test.each([
    ["key_not_found", failing("ENOTFOUND")],
    ["key_revoked", async () => [["v=DKIM1; p="]]],
    ["key_refused", async () => [["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]]],
  ])("is refused if DNS says so twice, for 5 seconds: %s", async (code, answer) => {
    const world = await createReceiver();
    world.answer = answer;
    expect(await world.call()).toBe(code);
    skip(5 * SECOND - 1);
    expect(await world.cost()).toBe(0);
    expect(await world.call()).toBe(code);
    skip(1);
    expect(await world.cost()).toBe(2);
    skip(5 * SECOND);
    world.answer = async () => [[genuine.record]];
    expect(await world.call()).toBe("verified");
  });

  test("is refused at once if its key is gone or revoked when a signature fails", async () => {
    const world = createWorld();
    expect(await world.call()).toBe("verified");
    skip(MINUTE);
    world.answer = async () => [["v=DKIM1; p="]];
    expect(await world.call(NAME, other)).toBe("key_revoked");
    expect(await world.call()).toBe("key_revoked");
  });

  test("is not refused for a name that does not exist if the second answer is none", async () => {
    const world = await createReceiver();
    let isFirst = true;
    world.answer = async () => {
      if (!isFirst) throw dnsError("ESERVFAIL");
      isFirst = false;
      throw dnsError("ENOTFOUND");
    };
    expect(await world.call()).toBe("verified");
  });
});

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  createWorld,
  elapse,
  failing,
  genuine,
  MINUTE,
  NAME,
  other,
  SECOND,
  settle,
  skip,
  slowly,
  stopTheClock,
  type World,
} from "../fixtures/keys.ts";

stopTheClock();

/** A receiver that has verified a call with the old key a while ago. */
async function createReceiver(): Promise<World> {
  const world = createWorld();
  expect(await world.call()).toBe("verified");
  skip(MINUTE);
  return world;
}

/** A receiver that has verified a call with the old key, and DNS has the new one since. */
async function createRotated(): Promise<World> {
  const world = await createReceiver();
  world.answer = async () => [[other.record]];
  return world;
}

/** Calls signed with a key that DNS does not have, under the real name, until told otherwise. */
function flood(world: World, everyMs: number): () => Promise<string[]> {
  const calls: Promise<string>[] = [];
  const timer = setInterval(() => calls.push(world.call(NAME, other)), everyMs);
  return async () => {
    clearInterval(timer);
    return (await settle(Promise.all(calls))).value;
  };
}

/** The shortest time between two queries, in milliseconds. */
function leastInterval({ queries }: World): number {
  return Math.min(...queries.slice(1).map(({ at }, index) => at - (queries[index]?.at ?? 0)));
}

describe("when Copernica's key rotates", () => {
  test("the first event signed with the new one is verified at once, after one fresh look-up", async () => {
    const world = await createRotated();
    expect(await world.call(NAME, other)).toBe("verified");
    expect(await world.call(NAME, other)).toBe("verified");
    expect(world.queries).toHaveLength(2);
  });

  test("so are all that come together", async () => {
    const world = await createRotated();
    const answer = world.answer;
    world.answer = (name, signal) => slowly(() => answer(name, signal), 300);
    const calls = Array.from({ length: 20 }, () => world.call(NAME, other));
    await elapse(100);
    calls.push(world.call(NAME, other));
    const { value, milliseconds } = await settle(Promise.all(calls));
    expect(new Set(value)).toEqual(new Set(["verified"]));
    expect(milliseconds).toBeLessThanOrEqual(300);
    expect(world.queries).toHaveLength(2);
  });

  test("no event is lost while DNS has both", async () => {
    const world = await createRotated();
    world.answer = async () => [[genuine.record], [other.record]];
    for (const pair of [genuine, other, genuine, other]) expect(await world.call(NAME, pair)).toBe("verified");
    expect(world.queries).toHaveLength(2);
  });

  test("to a new name, the first event is verified too", async () => {
    const world = await createRotated();
    expect(await world.call("dec._domainkey.copernica.com", other)).toBe("verified");
    expect(await world.call()).toBe("verified");
    expect(world.queries).toHaveLength(2);
  });

  test("a forged call just before puts that off by a second at most", async () => {
    const world = await createReceiver();
    expect(await world.call(NAME, other)).toBe("mismatch");
    world.answer = async () => [[other.record]];
    const { value, milliseconds } = await settle(world.call(NAME, other));
    expect(value).toBe("verified");
    expect(milliseconds).toBeLessThanOrEqual(1_100);
    expect(leastInterval(world)).toBeGreaterThanOrEqual(SECOND);
  });

  test("a flood of forged calls under its name costs no genuine event, and one look-up a second", async () => {
    const world = await createReceiver();
    const third = { ...genuine, signature: genuine.signature.map((byte) => byte ^ 1) };
    const forged: Promise<string>[] = [];
    const timer = setInterval(() => forged.push(world.call(NAME, third)), 20);
    await elapse(1_300);
    world.answer = async () => [[other.record]];
    const calls: Promise<string>[] = [];
    for (let call = 0; call < 20; call += 1) {
      const start = Date.now();
      calls.push(
        world.call(NAME, other).then((outcome) => {
          expect(Date.now() - start).toBeLessThanOrEqual(1_100);
          return outcome;
        }),
      );
      await elapse(100);
    }
    clearInterval(timer);
    expect(new Set((await settle(Promise.all(calls))).value)).toEqual(new Set(["verified"]));
    expect(new Set((await settle(Promise.all(forged))).value)).toEqual(new Set(["mismatch"]));
    expect(leastInterval(world)).toBeGreaterThanOrEqual(SECOND);
  });

  test("whenever that is, and whatever is forged meanwhile", async () => {
    const moments = fc.array(fc.nat(4_000), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        moments,
        moments,
        fc.nat(4_000),
        fc.integer({ min: 0, max: 900 }),
        async (forged, sent, rotated, ms) => {
          const world = await createReceiver();
          const start = Date.now();
          const recordNow = () => (Date.now() - start < rotated ? genuine : other);
          world.answer = () => slowly(() => [[recordNow().record]], ms);
          const late: string[] = [];
          const outcomes: Promise<string>[] = [];
          for (const moment of forged) {
            setTimeout(() => void world.call(NAME, { ...genuine, signature: new Uint8Array(128) }), moment);
          }
          for (const moment of sent) {
            setTimeout(() => {
              const call = world.call(NAME, recordNow());
              outcomes.push(call);
              void call.finally(() => {
                const took = Date.now() - start - moment;
                // It waits for a look-up that began before it, then until a second after that, then for its own.
                if (took > Math.max(SECOND, ms) + ms + 100) late.push(`${took} ms`);
              });
            }, moment);
          }
          await elapse(4_100);
          const { value } = await settle(Promise.all(outcomes));
          expect(new Set(value)).toEqual(new Set(["verified"]));
          expect(late).toEqual([]);
          await elapse(3_000);
          expect(leastInterval(world)).toBeGreaterThanOrEqual(SECOND);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("while DNS does not answer, its events are not forgeries, and those of the old one are verified", async () => {
    const world = await createRotated();
    world.answer = failing("ESERVFAIL");
    for (let call = 0; call < 5; call += 1) {
      expect((await settle(world.call(NAME, other))).value).toBe("key_unavailable");
      expect(await world.call()).toBe("verified");
    }
    expect(leastInterval(world)).toBeGreaterThanOrEqual(SECOND);
  });
});

describe("a forged call", () => {
  test("under a name that was looked up for it is refused at once", async () => {
    const world = createWorld();
    expect(await world.call(NAME, other)).toBe("mismatch");
    expect(world.queries).toHaveLength(1);
  });

  test("costs no look-up beside that of the others within a second, and no genuine event", async () => {
    const world = await createReceiver();
    const stop = flood(world, 10);
    for (let call = 0; call < 40; call += 1) {
      await elapse(100);
      expect(await world.call()).toBe("verified");
    }
    expect(new Set(await stop())).toEqual(new Set(["mismatch"]));
    expect(world.queries.length).toBeLessThanOrEqual(7);
    expect(leastInterval(world)).toBeGreaterThanOrEqual(SECOND);
  });

  test("is answered 503 if 5,000 wait already, and genuine ones are verified still", async () => {
    vi.useRealTimers(); // those of vitest take too long for so many
    const world = createWorld();
    expect(await world.call()).toBe("verified");
    const calls = Array.from({ length: 5_010 }, () => world.call(NAME, other));
    expect(await world.call()).toBe("verified");
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === "key_unavailable")).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === "mismatch")).toHaveLength(5_000);
    expect(world.queries.length).toBeLessThan(10);
    expect(await world.call(NAME, other)).toBe("mismatch");
  });

  test("waits no longer if the clock is set back", async () => {
    const world = await createReceiver();
    expect(await world.call(NAME, other)).toBe("mismatch");
    skip(-10 * MINUTE);
    expect(await world.call(NAME, other)).toBe("mismatch");
    expect(world.queries).toHaveLength(3);
  });

  test("leaves no timer behind", async () => {
    const world = await createReceiver();
    expect(await world.call(NAME, other)).toBe("mismatch");
    expect((await settle(world.call(NAME, other))).value).toBe("mismatch");
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { describe, expect, test } from "vitest";
import { fuzz } from "./fuzzer.ts";
import { RUNTIMES, soak } from "./soaker.ts";

const SECONDS = 5;

describe("the handler withstands", () => {
  test.each([20_261_124, Date.now() % 1_000_000])("made-up requests for some seconds, of the seed %i", async (seed) => {
    const { cases, statuses, forgeriesRefused, faults } = await fuzz({ seconds: SECONDS, seed, firstCase: 0 });
    expect(faults).toEqual([]);
    expect(cases).toBeGreaterThan(100);
    expect(statuses[200]).toBeGreaterThan(0);
    expect(forgeriesRefused).toBeGreaterThan(0);
  });
});

describe("of events that a server takes while it is killed and started again, none is lost or taken twice", () => {
  const events = 3_000;
  const kills = 2;

  test.each(RUNTIMES)("on %s", async (runtime) => {
    const tally = await soak({ runtime, events, connections: 8, kills });
    console.log(`${runtime}: ${JSON.stringify(tally)}`);
    expect(tally.faults).toEqual([]);
    expect(tally.kills).toBe(kills);
    expect(tally.accepted + tally.refused + tally.failed + tally.unanswered).toBe(events);
    expect(tally.accepted).toBeGreaterThan(0.9 * events);
    expect(tally.refused).toBeGreaterThan(0);
    expect(tally.failed).toBeGreaterThan(0);
    expect(tally.replayed).toBeGreaterThan(0);
    expect(tally.unanswered).toBeGreaterThan(0);
  });
});

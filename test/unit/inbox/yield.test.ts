import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWorker } from "../../../src/inbox/worker.ts";

/** For how long deliveries come in, in milliseconds, and how much time there is between those that come at once. */
const LOAD_MS = { whole: 400, step: 4 } as const;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** How often a worker goes to its store while deliveries come in, so many at once. */
async function exchangesWhile(arrivals: number): Promise<number> {
  const exchange = vi.fn(() => ({ settled: [], taken: [] }));
  const worker = createWorker({
    store: { exchange },
    process: async () => undefined,
    concurrency: 10,
    leaseMs: 1_000,
    isWorking: true,
    onDiscarded() {},
    warn() {},
  });
  for (let passedMs = 0; passedMs < LOAD_MS.whole; passedMs += LOAD_MS.step) {
    worker.yieldToArrivals(arrivals);
    worker.wake();
    await vi.advanceTimersByTimeAsync(LOAD_MS.step);
  }
  return exchange.mock.calls.length;
}

test("works less often the more deliveries come in at once, and goes on working", async () => {
  const [few, many, most] = [await exchangesWhile(1), await exchangesWhile(30), await exchangesWhile(250)];
  expect(few).toBeLessThanOrEqual(LOAD_MS.whole / 10 + 1);
  expect(few).toBeGreaterThan(LOAD_MS.whole / 20);
  expect(many).toBeLessThanOrEqual(LOAD_MS.whole / 30 + 1);
  expect(most).toBeLessThan(many);
  expect(most).toBeGreaterThanOrEqual(LOAD_MS.whole / 50);
});

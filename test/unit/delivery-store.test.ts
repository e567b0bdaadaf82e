import { describe, expect, test, vi } from "vitest";
import { createMemoryDeliveryStore, type DeliveryStore, MAX_REMEMBERED_DELIVERIES } from "../../src/index.ts";
import { NOW } from "../fixtures/signer.ts";

describe("the store in memory", () => {
  function createStore(): { deliveries: DeliveryStore; pass: (milliseconds: number) => void } {
    let now = NOW;
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { deliveries: createMemoryDeliveryStore(() => now), pass };
  }

  test("gives a delivery to the first who claims it, and says what became of it to all others", () => {
    const { deliveries } = createStore();
    expect(deliveries.claim("a", 1_000)).toBe("claimed");
    expect(deliveries.claim("a", 1_000)).toBe("running");
    expect(deliveries.claim("b", 1_000)).toBe("claimed");
    deliveries.complete("a", 1_000);
    expect(deliveries.claim("a", 1_000)).toBe("done");
    expect(deliveries.claim("b", 1_000)).toBe("running");
  });

  test("gives a delivery that was released to the next who claims it", () => {
    const { deliveries } = createStore();
    deliveries.claim("a", 1_000);
    deliveries.release("a");
    expect(deliveries.claim("a", 1_000)).toBe("claimed");
    deliveries.complete("a", 1_000);
    deliveries.release("a");
    expect(deliveries.claim("a", 1_000)).toBe("done");
  });

  test("remembers a delivery as long as it is told to, from when it is claimed and from when it is done", () => {
    const { deliveries, pass } = createStore();
    deliveries.claim("running", 1_000);
    deliveries.claim("done", 1_000);
    pass(999);
    expect(deliveries.claim("running", 1_000)).toBe("running");
    deliveries.complete("done", 1_000);
    pass(1);
    expect(deliveries.claim("running", 1_000)).toBe("claimed");
    pass(998);
    expect(deliveries.claim("done", 1_000)).toBe("done");
    pass(1);
    expect(deliveries.claim("done", 1_000)).toBe("claimed");
  });

  test("forgets of those that are finished the one claimed first if it is full, and none that is running", () => {
    const { deliveries } = createStore();
    deliveries.claim("running", 1_000);
    for (let index = 0; index < MAX_REMEMBERED_DELIVERIES; index += 1) {
      deliveries.claim(`${index}`, 1_000);
      deliveries.complete(`${index}`, 1_000);
    }
    expect(deliveries.claim("running", 1_000)).toBe("running");
    expect(deliveries.claim("1", 1_000)).toBe("done");
    expect(deliveries.claim("0", 1_000)).toBe("claimed");
    expect(deliveries.claim("1", 1_000)).toBe("claimed");
    expect(deliveries.claim("3", 1_000)).toBe("done");
  });

  test("takes no more than it can remember, and takes more when their time is over", () => {
    const { deliveries, pass } = createStore();
    for (let index = 0; index < MAX_REMEMBERED_DELIVERIES; index += 1) deliveries.claim(`${index}`, 1_000);
    expect(() => deliveries.claim("one more", 1_000)).toThrow(RangeError);
    expect(deliveries.claim("0", 1_000)).toBe("running");
    deliveries.release("5");
    expect(deliveries.claim("one more", 1_000)).toBe("claimed");
    expect(() => deliveries.claim("and another", 1_000)).toThrow(RangeError);
    pass(1_000);
    expect(deliveries.claim("and another", 1_000)).toBe("claimed");
  });

  test("uses the time of day if it is given no clock", () => {
    vi.useFakeTimers({ now: NOW });
    const deliveries = createMemoryDeliveryStore();
    deliveries.claim("a", 1_000);
    vi.setSystemTime(NOW + 999);
    expect(deliveries.claim("a", 1_000)).toBe("running");
    vi.setSystemTime(NOW + 1_000);
    expect(deliveries.claim("a", 1_000)).toBe("claimed");
    vi.useRealTimers();
  });
});

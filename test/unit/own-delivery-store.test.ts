import { describe, expect, test } from "vitest";
import type { DeliveryStore } from "../../src/index.ts";
import { BODY } from "../fixtures/signer.ts";
import { FakeStore, gate, settle, signer, World } from "./delivering.ts";

describe("a store of one's own", () => {
  test("is asked with the delivery's identity, and a time that outlives the Date window and the callbacks", async () => {
    const deliveries = new FakeStore();
    const world = new World({ deliveries });
    const request = await signer.sign();
    await world.post(request);
    world.work = () => {
      throw new Error("not today");
    };
    await world.post(request);
    const [deliveryId] = world.deliveries;
    const ttl = expect.toSatisfy((milliseconds: number) => milliseconds > 600_000);
    expect(deliveries.calls).toEqual([
      ["claim", deliveryId, ttl],
      ["complete", deliveryId, ttl],
      ["claim", deliveryId, ttl],
      ["release", deliveryId],
    ]);

    const slow = new FakeStore();
    await new World({ deliveries: slow, timeoutMs: 3_600_000, verify: { maxAgeSeconds: 10 } }).post(request);
    expect(slow.calls[0]?.[2]).toBeGreaterThan(3_600_000);

    const exact = new FakeStore();
    await new World({ deliveries: exact, verify: { maxAgeSeconds: 300.0003 } }).post(request);
    expect(exact.calls[0]?.[2]).toSatisfy(Number.isSafeInteger);
  });

  test("is not asked about a call that is not verified", async () => {
    const deliveries = new FakeStore();
    const world = new World({ deliveries });
    expect(await world.post(await signer.sign({ sentBody: BODY.replace("7", "8") }))).toBe("401 digest_mismatch");
    expect(await world.post(await signer.sign({ sent: { "x-nonce": "a" } }))).toBe("401 signature_mismatch");
    expect(deliveries.calls).toEqual([]);
  });

  test.each<[string, DeliveryStore["claim"]]>([
    [
      "throws",
      () => {
        throw new Error("secret cause");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("secret cause");
      },
    ],
  ])("that %s when it is asked makes the answer 503, with a time to retry, and runs nothing", async (_, claim) => {
    const deliveries = new FakeStore();
    deliveries.claim = claim;
    const world = new World({ deliveries });
    const request = await signer.sign();
    const { status, code, retryAfter } = await world.answer(request);
    expect({ status, code }).toEqual({ status: 503, code: "deliveries_unavailable" });
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(world.errors).toMatchObject([{ code: "deliveries_unavailable", cause: { message: "secret cause" } }]);
    expect(world.runs).toBe(0);
    expect(deliveries.calls).toEqual([]);
  });

  test("that answers what it should not runs nothing", async () => {
    for (const outcome of [undefined, null, true, "", "OK", "CLAIMED"]) {
      const deliveries = new FakeStore();
      deliveries.claim = () => outcome as "running"; // as no TypeScript would let it
      const world = new World({ deliveries });
      expect(await world.post(await signer.sign())).toBe("409 delivery_in_progress");
      expect(world.runs).toBe(0);
    }
  });

  test.each(["throws", "rejects"])("that %s when all is done changes no answer, and warns", async (how) => {
    const fail = () => {
      if (how === "throws") throw new Error("secret cause");
      return Promise.reject(new Error("secret cause"));
    };
    const deliveries = new FakeStore();
    deliveries.complete = fail;
    deliveries.release = fail;
    const world = new World({ deliveries });
    expect(await world.post(await signer.sign())).toBe("200");
    expect(world.warnings).toEqual([[expect.stringContaining("completed"), new Error("secret cause")]]);
    expect(world.errors).toEqual([]);

    world.work = () => {
      throw new Error("not today");
    };
    expect(await world.post(await signer.sign())).toBe("500 callback_failed");
    expect(world.warnings[1]).toEqual([expect.stringContaining("released"), new Error("secret cause")]);
    expect(world.errors).toMatchObject([{ code: "callback_failed", cause: { message: "not today" } }]);
  });

  test.each(["complete", "release"] as const)(
    "that hangs in %s changes no answer, hides no cause, and warns",
    async (act) => {
      const deliveries = new FakeStore();
      deliveries[act] = () => new Promise(() => {});
      const world = new World({ deliveries, timeoutMs: 20 });
      if (act === "release") {
        world.work = () => {
          throw new Error("not today");
        };
      }
      const done = act === "complete";
      expect(await world.post(await signer.sign())).toBe(done ? "200" : "500 callback_failed");
      expect(world.warnings).toEqual([[expect.stringContaining(`${act}d`), expect.any(Error)]]);
      expect(world.errors).toMatchObject(done ? [] : [{ code: "callback_failed", cause: { message: "not today" } }]);
    },
  );

  test("is told that a delivery is done whose own callback succeeded, though onEvent failed after it", async () => {
    const deliveries = new FakeStore();
    const onEvent = () => Promise.reject(new Error("not today"));
    const world = new World({ deliveries, onEvent });
    expect(await world.post(await signer.sign())).toBe("500 callback_failed");
    expect(deliveries.calls.map(([act]) => act)).toEqual(["claim", "complete"]);

    const remembering = new World({ onEvent });
    const request = await signer.sign();
    expect(await remembering.post(request)).toBe("500 callback_failed");
    expect(await remembering.post(request)).toBe("200");
    expect(remembering.runs).toBe(1);
  });

  test("is told that a delivery is not done if onEvent failed, and there was nothing else", async () => {
    const deliveries = new FakeStore();
    const world = new World({
      deliveries,
      onProfileDelete: undefined,
      onEvent: () => Promise.reject(new Error("no")),
    } as never);
    expect(await world.post(await signer.sign())).toBe("500 callback_failed");
    expect(deliveries.calls.map(([act]) => act)).toEqual(["claim", "release"]);
  });

  test("that is too slow makes the answer 503; what it gives then is given back, and nothing runs", async () => {
    const { promise, open } = gate();
    const deliveries = new FakeStore();
    deliveries.claim = async () => {
      await promise;
      return "claimed" as const;
    };
    const world = new World({ deliveries, timeoutMs: 20 });
    expect(await world.post(await signer.sign())).toBe("503 deliveries_unavailable");
    open();
    await settle();
    expect(deliveries.calls).toEqual([["release", expect.any(String)]]);
    expect(world.runs).toBe(0);
  });
});

import { describe, expect, test, vi } from "vitest";
import {
  createMemoryDeliveryStore,
  createWebhookHandler,
  type DeliveryStore,
  MAX_REMEMBERED_DELIVERIES,
  type WebhookHandler,
  type WebhookSettings,
} from "../../src/index.ts";
import { BODY, base64, bytesOf, createSigner, NOW } from "../fixtures/signer.ts";

const signer = await createSigner();

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

  test("forgets the delivery that was finished longest ago where it is full, and none that is running", () => {
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

  test("uses the time of day where it is given no clock", () => {
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

/** A receiver, what its callback does, and what happened. */
class World {
  /** How often the callback ran. */
  runs = 0;
  now = NOW;
  readonly deliveries: (string | undefined)[] = [];
  readonly warnings: unknown[][] = [];
  readonly errors: unknown[] = [];
  /** What the callback does. */
  work: () => unknown = () => {};
  readonly handler: WebhookHandler;

  constructor({ verify, ...settings }: WebhookSettings = {}) {
    this.handler = createWebhookHandler({
      account: 1234,
      verify: { resolveTxt: async () => [[signer.record]], clock: () => this.now, ...verify },
      onProfileDelete: async (_, context) => {
        this.runs += 1;
        this.deliveries.push(context.deliveryId);
        await this.work();
      },
      onWarning: (...warning) => this.warnings.push(warning),
      onError: (error) => this.errors.push(error),
      ...settings,
    });
  }

  /** The status and code that a request is answered with. */
  async post(request: Request): Promise<string> {
    const { status, code } = await this.answer(request);
    return code === undefined ? String(status) : `${status} ${code}`;
  }

  async answer(request: Request): Promise<{ status: number; code: unknown; retryAfter: string | null }> {
    const response = await this.handler(request.clone());
    const text = await response.text();
    const code = text === "" ? undefined : JSON.parse(text).code;
    return { status: response.status, code, retryAfter: response.headers.get("retry-after") };
  }
}

/** A promise that a test settles. */
function gate(): { readonly promise: Promise<void>; readonly open: () => void; readonly fail: () => void } {
  let open = () => {};
  let fail = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = () => reject(new Error("failed late"));
  });
  return { promise, open, fail };
}

/** Lets all that can go on go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a delivery", () => {
  test("that came before is answered 200, and its callbacks do not run again", async () => {
    const world = new World();
    const request = await signer.sign();
    for (let time = 0; time < 5; time += 1) expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(1);
  });

  test("whose callbacks are running is answered 409, with a time to retry; then 200", async () => {
    const world = new World();
    const request = await signer.sign();
    const { promise, open } = gate();
    world.work = () => promise;
    const first = world.post(request);
    await settle();
    const { status, code, retryAfter } = await world.answer(request);
    expect({ status, code }).toEqual({ status: 409, code: "delivery_in_progress" });
    expect(Number(retryAfter)).toBeGreaterThan(0);
    open();
    expect(await first).toBe("200");
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(1);
  });

  test("that comes many times at once runs its callbacks once", async () => {
    const world = new World();
    const request = await signer.sign();
    world.work = settle;
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.post(request)));
    expect(answers.filter((answer) => answer === "200")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "409 delivery_in_progress")).toHaveLength(49);
    expect(world.runs).toBe(1);
  });

  test("whose callback failed is run when it comes again", async () => {
    const world = new World();
    const request = await signer.sign();
    world.work = () => {
      throw new Error("not today");
    };
    for (let time = 0; time < 3; time += 1) expect(await world.post(request)).toBe("500 callback_failed");
    world.work = () => {};
    expect(await world.post(request)).toBe("200");
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(4);
  });

  test("is another than one with the same event in the same second", async () => {
    const world = new World();
    const [first, second] = [await signer.sign(), await signer.sign()];
    expect(await first.clone().text()).toBe(await second.clone().text());
    expect(first.headers.get("date")).toBe(second.headers.get("date"));
    expect(await world.post(first)).toBe("200");
    expect(await world.post(second)).toBe("200");
    expect(world.runs).toBe(2);
    expect(new Set(world.deliveries).size).toBe(2);
  });

  test("has an identity that a replay can't change", async () => {
    const world = new World();
    let signature = new Uint8Array();
    const request = await signer.sign({
      covered: "(request-target) host date digest x-copernica-id x-nonce",
      forge: (genuine) => {
        signature = genuine;
        return genuine;
      },
    });
    expect(await world.post(request)).toBe("200");
    const header = request.headers.get("signature") ?? "";
    const text = base64(signature);
    expect(text).toMatch(/[^=]=$/);
    const unused = text.replace(/(.)=$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`);
    expect(bytesOf(unused)).toEqual(signature);
    const rewritten: Record<string, string> = {
      padding: header.replace(text, text.replaceAll("=", "")),
      spaces: header.replace(text, text.replace(/.{40}/g, "$& ")),
      tabs: header.replace(text, ` ${text}\t`),
      "unused bits": header.replace(text, unused),
      "the order of parameters": header.split(",").reverse().join(", "),
      "another parameter": `${header},created="1"`,
      "the algorithm's name": header.replace("rsa-sha256", "hs2019"),
      "the case of the key's name": header.replace("one._domainkey", "ONE._DomainKey"),
      "the case of covered names": header.replace("(request-target) host", "(Request-Target) HOST"),
    };
    for (const [what, changed] of Object.entries(rewritten)) {
      const headers = { ...Object.fromEntries(request.headers), signature: changed };
      expect(changed, what).not.toBe(header);
      expect(await world.post(new Request(request.clone(), { headers })), what).toBe("200");
    }
    for (const [name, value] of [
      ["content-type", "application/x-www-form-urlencoded; charset=utf-8"],
      ["x-forwarded-for", "192.0.2.1"],
      ["user-agent", "another"],
    ] as const) {
      const headers = { ...Object.fromEntries(request.headers), [name]: value };
      expect(await world.post(new Request(request.clone(), { headers })), name).toBe("200");
    }
    expect(world.runs).toBe(1);
    expect(world.deliveries).toEqual([expect.stringMatching(/^[A-Za-z0-9_-]{32}$/)]);
  });

  test("that is replayed with what it does not cover changed can't keep the genuine one from being processed", async () => {
    const world = new World();
    const request = await signer.sign({ covered: "(request-target) host date digest x-copernica-id" });
    const headers = { ...Object.fromEntries(request.headers), "content-type": "application/json" };
    expect(await world.post(new Request(request.clone(), { headers }))).toBe("400 undecodable_body");
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(1);
  });

  test("is remembered for as long as its Date is accepted", async () => {
    const world = new World();
    const request = await signer.sign({ signed: { date: new Date(NOW + 300_000).toUTCString() } });
    for (; world.now <= NOW + 600_000; world.now += 15_000) expect(await world.post(request)).toBe("200");
    expect(await world.post(request)).toBe("401 date_out_of_range");
    expect(world.runs).toBe(1);
  });

  test("that timed out is running until its callback is done, and then done", async () => {
    const world = new World({ timeoutMs: 20 });
    const request = await signer.sign();
    const { promise, open } = gate();
    world.work = () => promise;
    expect(await world.post(request)).toBe("503 callback_timeout");
    expect(await world.post(request)).toBe("409 delivery_in_progress");
    open();
    await settle();
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(1);
  });

  test("that timed out is released if its callback fails in the end, and onError is told the cause", async () => {
    const world = new World({ timeoutMs: 20 });
    const request = await signer.sign();
    const { promise, fail } = gate();
    world.work = () => promise;
    expect(await world.post(request)).toBe("503 callback_timeout");
    expect(await world.post(request)).toBe("409 delivery_in_progress");
    fail();
    await settle();
    expect(world.errors).toMatchObject([
      { code: "callback_timeout" },
      { code: "delivery_in_progress" },
      { code: "callback_failed", cause: { message: "failed late" } },
    ]);
    world.work = () => {};
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(2);
  });

  test("that no callback takes is not claimed", async () => {
    const deliveries = new FakeStore();
    const request = await signer.sign();
    const world = new World({ deliveries });
    const others = createWebhookHandler({
      account: 1234,
      deliveries,
      verify: { resolveTxt: async () => [[signer.record]], clock: () => NOW },
      onProfileCreate() {},
    });
    expect((await others(request.clone())).status).toBe(200);
    expect(deliveries.calls).toEqual([]);
    expect(await world.post(request)).toBe("200");
    expect(world.runs).toBe(1);
  });

  test("goes to one of two handlers that share a store", async () => {
    const deliveries = createMemoryDeliveryStore(() => NOW);
    const worlds = [new World({ deliveries }), new World({ deliveries })];
    const request = await signer.sign();
    await Promise.all(worlds.map((world) => world.post(request)));
    expect(worlds.reduce((runs, world) => runs + world.runs, 0)).toBe(1);
  });
});

/** A store that notes what it is asked, and that a test makes fail. */
class FakeStore implements DeliveryStore {
  readonly calls: unknown[][] = [];
  claim: DeliveryStore["claim"] = (...call) => {
    this.calls.push(["claim", ...call]);
    return "claimed";
  };
  complete: DeliveryStore["complete"] = (...call) => {
    this.calls.push(["complete", ...call]);
  };
  release: DeliveryStore["release"] = (...call) => {
    this.calls.push(["release", ...call]);
  };
}

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

import { describe, expect, test } from "vitest";
import { createMemoryDeliveryStore, createWebhookHandler } from "../../src/index.ts";
import { base64, bytesOf, NOW } from "../fixtures/signer.ts";
import { FakeStore, gate, settle, signer, World } from "./delivering.ts";

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

import { describe, expect, test } from "vitest";
import { createWebhookHandler } from "../../src/index.ts";
import { BODY, type Call, NOW } from "../fixtures/signer.ts";
import { createJudge, cryptographies, serve, signer } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, judge, codeOf } = createJudge(onlyWebCrypto);

  describe("the order of checks", () => {
    const bomb = Array.from({ length: 20_000 }, (_, index) => `a[${index}]=1`).join("&");
    test.each<[string, number, string, Call]>([
      ["text", 401, "signature_incomplete", { sent: { "content-type": "text/plain" }, covered: "date" }],
      ["broken JSON", 401, "signature_incomplete", { body: "{", covered: "date" }],
      ["more variables than are read", 401, "signature_incomplete", { body: bomb, covered: "date" }],
      ["nothing", 401, "signature_incomplete", { body: "", covered: "date" }],
    ])("puts the signature before the content: %s without a good signature", async (_, status, code, call) => {
      const unsigned = await judge(await signer.sign(call));
      expect(unsigned).toMatchObject({ status, code, events: 0 });
    });

    test.each<[number, string, Call]>([
      [415, "unsupported_content_type", { signed: { "content-type": "text/plain" } }],
      [400, "undecodable_body", { signed: { "content-type": "application/json" }, body: "{" }],
      [400, "undecodable_body", { body: bomb }],
      [422, "invalid_event", { body: "type=create" }],
    ])("comes to the content with a good signature: %i %s", async (status, code, call) => {
      expect(await judge(await signer.sign(call))).toMatchObject({ status, code, events: 0 });
    });

    test("puts the sender before the size, and before a byte of the body is read", async () => {
      for (const call of [
        { sent: { signature: null } },
        { sent: { digest: null } },
        { sent: { date: null } },
        { sent: { "x-copernica-id": null } },
        { covered: "date" },
        { algorithm: "hmac-sha256" },
        { signed: { date: new Date(NOW - 301_000).toUTCString() } },
        { keyId: "one.copernica.com.example" },
        { sent: { "x-nonce": "another" } },
        { signed: { "x-copernica-id": "account_1" } },
      ]) {
        const handler = hiding(() =>
          createWebhookHandler({
            account: 1234,
            maxBodyBytes: 10,
            verify: { resolveTxt: serve, clock: () => NOW },
            onError() {},
            onWarning() {},
          }),
        );
        const request = await signer.sign(call);
        expect({ call, status: (await handler(request)).status }).toEqual({ call, status: 401 });
        expect(request.bodyUsed).toBe(false);
      }
      expect(await codeOf({}, { maxBodyBytes: 10 })).toBe("body_too_large");
    });

    test("tells nobody but who can sign for which account it is", async () => {
      const codes = ["account_1234", "account_4321"].map((id) => [
        codeOf({ sent: { signature: null, "x-copernica-id": id } }),
        codeOf({ signed: { "x-copernica-id": id }, sent: { "x-nonce": "another" } }),
        codeOf({ signed: { "x-copernica-id": id, date: new Date(NOW - 301_000).toUTCString() } }),
      ]);
      const [right, wrong] = await Promise.all(codes.map((some) => Promise.all(some)));
      expect(wrong).toEqual(right);
      expect(await codeOf({ signed: { "x-copernica-id": "account_4321" } })).toBe("account_mismatch");
    });

    test("puts method and path before all of that", async () => {
      const handler = hiding(() =>
        createWebhookHandler({ account: 1234, path: "/copernica", verify: { resolveTxt: serve }, onEvent() {} }),
      );
      const elsewhere = await handler(new Request("https://hooks.example.com/other", { method: "POST", body: BODY }));
      expect(elsewhere.status).toBe(404);
      const got = await handler(new Request("https://hooks.example.com/copernica"));
      expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
      const gotElsewhere = await handler(new Request("https://hooks.example.com/other"));
      expect(gotElsewhere.status).toBe(405);
    });
  });
});

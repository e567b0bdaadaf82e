import { describe, expect, test } from "vitest";
import { createWebhookHandler, InvalidOptionError, verifySignature } from "../../src/index.ts";
import { BODY } from "../fixtures/signer.ts";
import { signer } from "./judging.ts";

describe("a mistake in an option is refused at creation", () => {
  test.each<[string, object]>([
    ["maxAgeSeconds 0", { verify: { maxAgeSeconds: 0 } }],
    ["a negative maxAgeSeconds", { verify: { maxAgeSeconds: -300 } }],
    ["maxAgeSeconds NaN", { verify: { maxAgeSeconds: Number.NaN } }],
    ["an infinite maxAgeSeconds", { verify: { maxAgeSeconds: Number.POSITIVE_INFINITY } }],
    ["account 0", { account: 0 }],
    ["a negative account", { account: -1234 }],
    ["half an account", { account: 1234.5 }],
    ["account NaN", { account: Number.NaN }],
    ["an empty account", { account: "" }],
    ["an account in words", { account: "mine" }],
    ["an account without number", { account: "account_" }],
    ["an account and more", { account: "account_1234x" }],
    ["an environment", { account: "environment_1234" }],
    ["account null", { account: null }],
    ["account undefined, as of a variable that is not set", { account: undefined }],
    ["publicUrl that is a path", { verify: { publicUrl: "/copernica" } }],
    ["publicUrl without scheme", { verify: { publicUrl: "hooks.example.com/copernica" } }],
    ["publicUrl of another scheme", { verify: { publicUrl: "xhttps://hooks.example.com/copernica" } }],
    ["publicUrl whose host looks like a scheme", { verify: { publicUrl: "localhost:3000/copernica" } }],
    ["a key domain that is none", { verify: { keyDomain: ".copernica.com" } }],
    ["an empty key domain", { verify: { keyDomain: "" } }],
    ["a misspelled option of verify", { verify: { maxAge: 60 } }],
  ])("%s", (_, wrong) => {
    const create = () => createWebhookHandler({ account: 1234, onEvent() {}, ...wrong });
    expect(create).toThrow(InvalidOptionError);
    expect(create).toThrow(/^.{20,}[.?]$/);
  });

  test("with what lies beneath as its cause", () => {
    const create = () => createWebhookHandler({ account: 1234, onEvent() {}, verify: { publicUrl: "/copernica" } });
    expect(create).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }));
  });

  test("verify or deliveries without account", () => {
    const deliveries = { claim: () => "claimed" as const, complete() {}, release() {} };
    expect(() => createWebhookHandler({ verify: {}, onEvent() {} })).toThrow(InvalidOptionError);
    expect(() => createWebhookHandler({ deliveries, onEvent() {} })).toThrow(InvalidOptionError);
  });

  test("of verifySignature too", async () => {
    const request = await signer.sign();
    for (const options of [{ account: 0 }, { account: 1234, maxAgeSeconds: 0 }, { account: 1234, publicUrl: "x" }]) {
      await expect(verifySignature(request, new Uint8Array(), options)).rejects.toThrow(InvalidOptionError);
    }
  });
});

test("without account anybody can post, and that is said once, at creation", async () => {
  const warnings: string[] = [];
  let events = 0;
  const handler = createWebhookHandler({
    onWarning: (message) => warnings.push(message),
    onEvent(_, context) {
      events += 1;
      expect(context.deliveryId).toBeUndefined();
    },
  });
  expect(warnings).toEqual([expect.stringContaining("Anybody can post")]);
  for (let call = 0; call < 2; call += 1) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = new Request("https://hooks.example.com/", { method: "POST", headers, body: BODY });
    expect((await handler(request)).status).toBe(200);
  }
  expect(warnings).toHaveLength(1);
  expect(events).toBe(2);
});

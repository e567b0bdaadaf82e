import { afterEach, describe, expect, test, vi } from "vitest";
import { createWebhookHandler, type DeliveryStore, InvalidOptionError, type WebhookOptions } from "../../src/index.ts";
import { postEvent } from "./posts.ts";

const quiet = { onWarning() {} };

const deliveries: DeliveryStore = { claim: () => "claimed", complete() {}, release() {} };

/** What creation complains of. */
function complaintOf(options: unknown): string {
  try {
    createWebhookHandler(options as WebhookOptions); // which it is not
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ code: "invalid_option", name: "InvalidOptionError" });
    return error instanceof Error ? error.message : "";
  }
  return "nothing";
}

describe("a misspelled name is an error at creation, which suggests the nearest", () => {
  test.each([
    ["onProfileCrate", "onProfileCreate"],
    ["onProfileCreated", "onProfileCreate"],
    ["OnProfileCreate", "onProfileCreate"],
    ["onProfilecreate", "onProfileCreate"],
    ["onSubProfileCreate", "onSubprofileCreate"],
    ["onSubprofilesCreate", "onSubprofileCreate"],
    ["onProfileUpdated", "onProfileUpdate"],
    ["profileDelete", "onProfileDelete"],
    ["onclick", "onClick"],
    ["onOpened", "onOpen"],
    ["onDelivered", "onDelivery"],
    ["onUnsubscribed", "onUnsubscribe"],
    ["onEvents", "onEvent"],
    ["onUnhandeled", "onUnhandled"],
    ["onErorr", "onError"],
    ["onWarn", "onWarning"],
    ["Account", "account"],
    ["acount", "account"],
    ["claim", "deliveries"],
    ["database", "databases"],
    ["paths", "path"],
    ["maxBytes", "maxBodyBytes"],
    ["maxBodySize", "maxBodyBytes"],
    ["timeoutMS", "timeoutMs"],
    ["timeout", "timeoutMs"],
    ["timezone", "timeZone"],
    ["verifiy", "verify"],
  ])("%s: did you mean %s?", (name, nearest) => {
    const complaint = complaintOf({ ...quiet, [name]: () => {} });
    expect(complaint).toContain(` ${name}.`);
    expect(complaint).toContain(`Did you mean ${nearest}?`);
  });

  test.each([
    ["resolveTXT", "resolveTxt"],
    ["domain", "keyDomain"],
    ["now", "clock"],
    ["publicURL", "publicUrl"],
    ["maxAge", "maxAgeSeconds"],
    ["maxAgeSecond", "maxAgeSeconds"],
    ["account", "clock"],
  ])("verify.%s: it names %s", (name, nearest) => {
    const complaint = complaintOf({ ...quiet, account: 1, verify: { [name]: 1 } });
    expect(complaint).toMatch(/^verify has no option/);
    expect(complaint).toContain(nearest);
  });

  test.each(["foo", "x", "", "authenticate", "constructor", "toString", "0"])(
    "%j is like none: it names them all",
    (name) => {
      const complaint = complaintOf({ ...quiet, [name]: 1 });
      for (const known of ["onProfileCreate", "onAbuse", "maxBodyBytes", "account"]) expect(complaint).toContain(known);
      expect(complaint).not.toContain("Did you mean");
    },
  );

  test("also where it holds nothing", () => {
    expect(complaintOf({ ...quiet, onProfileCrate: undefined })).toContain("onProfileCreate");
    expect(complaintOf(JSON.parse('{"__proto__":1}'))).toContain("__proto__");
  });

  test("each known name is known", () => {
    const options: Required<Omit<WebhookOptions, "account" | "verify" | "deliveries">> = {
      databases: [],
      path: "/hooks",
      maxBodyBytes: 1,
      timeoutMs: 1,
      timeZone: "UTC",
      onEvent() {},
      onUnhandled() {},
      onError() {},
      onWarning() {},
      onProfileCreate() {},
      onProfileUpdate() {},
      onProfileDelete() {},
      onSubprofileCreate() {},
      onSubprofileUpdate() {},
      onSubprofileDelete() {},
      onClick() {},
      onOpen() {},
      onDelivery() {},
      onBounce() {},
      onFailure() {},
      onUnsubscribe() {},
      onAbuse() {},
    };
    expect(complaintOf(options)).toBe("nothing");
    const verify = { keyDomain: "example.com", clock: Date.now, publicUrl: "https://example.com/", maxAgeSeconds: 1 };
    expect(complaintOf({ ...options, account: 1, deliveries, verify: { ...verify, resolveTxt: async () => [] } })).toBe(
      "nothing",
    );
  });
});

describe("an option that is no such thing is an error at creation, which says what it must be", () => {
  test.each<[string, unknown, RegExp]>([
    ["onProfileCreate", "a function", /onProfileCreate must be a function/],
    ["onProfileCreate", null, /onProfileCreate must be a function/],
    ["onAbuse", {}, /onAbuse must be a function/],
    ["onEvent", true, /onEvent must be a function/],
    ["onUnhandled", [], /onUnhandled must be a function/],
    ["onError", console, /onError must be a function/],
    ["onWarning", 0, /onWarning must be a function/],
    ["path", 5, /path must be a string/],
    ["path", /\/hooks/, /path must be a string/],
    ["path", null, /path must be a string/],
    ["path", "hooks", /path must start with "\/"/],
    ["path", "", /path must start with "\/"/],
    ["path", "https://receiver.example/hooks", /path must start with "\/"/],
    ["path", "/hooks/(", /path is not a pattern/],
    ["path", "/:a/:a", /path is not a pattern/],
    ["maxBodyBytes", "1048576", /maxBodyBytes must be a number/],
    ["maxBodyBytes", 0, /maxBodyBytes must be a positive whole number/],
    ["maxBodyBytes", -1, /maxBodyBytes must be a positive whole number/],
    ["maxBodyBytes", 1.5, /maxBodyBytes must be a positive whole number/],
    ["maxBodyBytes", Number.NaN, /maxBodyBytes must be a positive whole number/],
    ["maxBodyBytes", Number.POSITIVE_INFINITY, /maxBodyBytes must be a positive whole number/],
    ["maxBodyBytes", 1_000n, /maxBodyBytes must be a number/],
    ["timeoutMs", "30000", /timeoutMs must be a number/],
    ["timeoutMs", 0, /timeoutMs must be a positive whole number/],
    ["timeoutMs", -1, /timeoutMs must be a positive whole number/],
    ["timeoutMs", 0.5, /timeoutMs must be a positive whole number/],
    ["timeoutMs", 2 ** 31, /timeoutMs must be a positive whole number, at most 2147483647/],
    ["timeoutMs", Number.POSITIVE_INFINITY, /timeoutMs must be a positive whole number/],
    ["timeZone", 1, /timeZone must be a string/],
    ["timeZone", "Europe/Atlantis", /timeZone Europe\/Atlantis/],
    ["timeZone", "Amsterdam", /timeZone Amsterdam/],
    ["timeZone", "", /timeZone/],
    ["databases", {}, /databases must be a list/],
    ["databases", "12", /databases must be/],
    ["databases", null, /databases must be/],
    ["databases", [12], /databases must be a list/],
    ["databases", [{ onProfileCreate() {} }], /databases must be a list/],
    ["account", undefined, /account is undefined/],
    ["account", null, /account must be/],
    ["account", 0, /account must be/],
    ["account", -1, /account must be/],
    ["account", 1.5, /account must be/],
    ["account", Number.NaN, /account must be/],
    ["account", "", /account must be/],
    ["account", "acme", /account must be/],
    ["account", true, /account must be/],
  ])("%s: %o", (name, value, complaint) => {
    expect(complaintOf({ ...quiet, [name]: value })).toMatch(complaint);
  });

  test.each<[string, unknown, RegExp]>([
    ["verify", "yes", /verify must be an object/],
    ["verify", true, /verify must be an object/],
    ["verify", null, /verify must be an object/],
    ["verify", { resolveTxt: "1.1.1.1" }, /verify\.resolveTxt must be a function/],
    ["verify", { resolveTxt: null }, /verify\.resolveTxt must be a function/],
    ["verify", { keyDomain: 5 }, /verify\.keyDomain must be a string/],
    ["verify", { keyDomain: "" }, /keyDomain must be/],
    ["verify", { clock: 5 }, /verify\.clock must be a function/],
    ["verify", { clock: new Date() }, /verify\.clock must be a function/],
    ["verify", { publicUrl: "receiver.example/hooks" }, /publicUrl must be the whole URL/],
    ["verify", { publicUrl: 5 }, /publicUrl must be the whole URL/],
    ["verify", { maxAgeSeconds: "300" }, /verify\.maxAgeSeconds must be a number/],
    ["verify", { maxAgeSeconds: 0 }, /maxAgeSeconds must be a positive number/],
    ["verify", { maxAgeSeconds: -300 }, /maxAgeSeconds must be a positive number/],
    ["verify", { maxAgeSeconds: Number.NaN }, /maxAgeSeconds must be a positive number/],
    ["verify", { maxAgeSeconds: Number.POSITIVE_INFINITY }, /maxAgeSeconds must be a positive number/],
    ["deliveries", new Map(), /claims must have the functions claim, complete and release/],
    ["deliveries", {}, /claims must have the functions claim, complete and release/],
    ["deliveries", { ...deliveries, release: undefined }, /claims must have the functions claim, complete and release/],
    ["deliveries", () => deliveries, /claims must be an object/],
    ["deliveries", null, /claims must be an object/],
  ])("with account, %s: %o", (name, value, complaint) => {
    expect(complaintOf({ ...quiet, account: 1234, [name]: value })).toMatch(complaint);
  });

  test.each([undefined, null, 0, "options", () => {}, Symbol("options")])("options as a whole: %s", (options) => {
    expect(complaintOf(options)).toBe("createWebhookHandler takes an object of options.");
  });

  test("verify and deliveries are of no use without account", () => {
    expect(complaintOf({ ...quiet, verify: {} })).toMatch(/verify and deliveries need account/);
    expect(complaintOf({ ...quiet, deliveries })).toMatch(/verify and deliveries need account/);
  });
});

describe("what is valid is taken", () => {
  test.each<[string, WebhookOptions]>([
    ["nothing", {}],
    ["a path of parameters", { path: "/hooks/:customer/*" }],
    ["the path *", { path: "*" }],
    ["the least limits", { maxBodyBytes: 1, timeoutMs: 1 }],
    ["the highest limits", { maxBodyBytes: Number.MAX_SAFE_INTEGER, timeoutMs: 2 ** 31 - 1 }],
    ["another time zone", { timeZone: "America/Argentina/Buenos_Aires" }],
    ["the number of an account", { account: 1234 }],
    ["an account in Copernica's spelling", { account: "account_1234" }],
    ["an account in Copernica's other spelling", { account: "account-1234" }],
    ["the number of an account as text", { account: "1234" }],
    ["no settings of verification", { account: 1234, verify: {} }],
    ["a URL", { account: 1234, verify: { publicUrl: new URL("https://receiver.example/hooks") } }],
  ])("%s", (_, options) => {
    expect(complaintOf({ ...quiet, ...options })).toBe("nothing");
  });

  test("an option that is undefined is as if it were not there", async () => {
    const options = { path: undefined, maxBodyBytes: undefined, timeoutMs: undefined, timeZone: undefined };
    const more = { databases: undefined, verify: undefined, deliveries: undefined, onProfileCreate: undefined };
    const callbacks = { onEvent: undefined, onError: undefined, onUnhandled: undefined };
    // What a JavaScript user may give.
    const handler = createWebhookHandler({ ...quiet, ...options, ...more, ...callbacks } as unknown as WebhookOptions);
    expect((await handler(postEvent())).status).toBe(200);
  });

  test("a store of deliveries may be an object of a class", () => {
    class Store implements DeliveryStore {
      claim() {
        return "claimed" as const;
      }
      complete() {}
      release() {}
    }
    expect(complaintOf({ account: 1234, deliveries: new Store() })).toBe("nothing");
  });
});

describe("onWarning", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("is told once, at creation, that anybody can post without account", async () => {
    const onWarning = vi.fn();
    const handler = createWebhookHandler({ onWarning });
    expect(onWarning).toHaveBeenCalledOnce();
    expect(onWarning.mock.calls[0]).toEqual([expect.stringMatching(/^Anybody can post .* account/)]);
    await handler(postEvent());
    await handler(postEvent());
    expect(onWarning).toHaveBeenCalledOnce();
  });

  test("is told nothing with account", () => {
    const onWarning = vi.fn();
    createWebhookHandler({ account: 1234, onWarning });
    expect(onWarning).not.toHaveBeenCalled();
  });

  test("is console.warn by default", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    createWebhookHandler({ account: 1234 });
    expect(warn).not.toHaveBeenCalled();
    createWebhookHandler({});
    expect(warn).toHaveBeenCalledOnce();
  });

  test("is not told of a handler that could not be made", () => {
    const onWarning = vi.fn();
    complaintOf({ onWarning, path: "hooks" });
    expect(onWarning).not.toHaveBeenCalled();
  });
});

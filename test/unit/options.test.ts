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
    ["onCreate", "onProfileCreate"],
    ["publicUrl", "verify.publicUrl"],
    ["maxAgeSeconds", "verify.maxAgeSeconds"],
    ["resolveTxt", "verify.resolveTxt"],
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
    expect(complaint).toContain(`createWebhookHandler has no option ${name}.`);
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
    expect(complaint).toMatch(/^createWebhookHandler: verify has no option/);
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

  test("even if it holds nothing", () => {
    expect(complaintOf({ ...quiet, onProfileCrate: undefined })).toContain("onProfileCreate");
    expect(complaintOf(JSON.parse('{"__proto__":1}'))).toContain("__proto__");
  });

  test("each known name is known", () => {
    const options: Required<Omit<WebhookOptions, "account" | "verify" | "deliveries" | "inbox">> = {
      databases: [],
      path: "/hooks",
      maxBodyBytes: 1,
      bodyTimeoutMs: 1,
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
    ["path", 5, /path must be a path/],
    ["path", /\/hooks/, /path must be a path/],
    ["path", null, /path must be a path/],
    ["path", "hooks", /path must be a path that starts with "\/"/],
    ["path", "", /path must be a path that starts with "\/"/],
    ["path", "https://receiver.example/hooks", /path must be a path that starts with "\/"/],
    ["path", "/hooks/(", /path must be a pattern that itty-router can read/],
    ["path", "/:a/:a", /path must be a pattern that itty-router can read/],
    ["maxBodyBytes", "1048576", /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", 0, /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", -1, /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", 1.5, /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", Number.NaN, /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", Number.POSITIVE_INFINITY, /maxBodyBytes must be a whole number from 1 to/],
    ["maxBodyBytes", 1_000n, /maxBodyBytes must be a whole number from 1 to/],
    ["timeoutMs", "30000", /timeoutMs must be a whole number from 1 to/],
    ["timeoutMs", 0, /timeoutMs must be a whole number from 1 to/],
    ["timeoutMs", -1, /timeoutMs must be a whole number from 1 to/],
    ["timeoutMs", 0.5, /timeoutMs must be a whole number from 1 to/],
    ["timeoutMs", 2 ** 31, /timeoutMs must be a whole number from 1 to 2147483647; got 2147483648/],
    ["timeoutMs", Number.POSITIVE_INFINITY, /timeoutMs must be a whole number from 1 to/],
    ["timeZone", 1, /timeZone must be a text/],
    ["timeZone", "Europe/Atlantis", /timeZone must be an IANA time zone.*; got "Europe\/Atlantis"/],
    ["timeZone", "Amsterdam", /timeZone must be an IANA time zone.*; got "Amsterdam"/],
    ["timeZone", "", /timeZone/],
    ["databases", {}, /databases must be a list/],
    ["databases", "12", /databases must be/],
    ["databases", null, /databases must be/],
    ["databases", [12], /databases must be a list/],
    ["databases", [{ onProfileCreate() {} }], /databases must be a list/],
    ["account", undefined, /account must be .*is the environment variable set\?.*got undefined/],
    ["account", null, /account must be/],
    ["account", 0, /account must be/],
    ["account", -1, /account must be/],
    ["account", 1.5, /account must be/],
    ["account", Number.NaN, /account must be/],
    ["account", "", /account must be .*is the environment variable set\?/],
    ["account", "acme", /account must be/],
    ["account", true, /account must be/],
  ])("%s: %o", (name, value, complaint) => {
    expect(complaintOf({ ...quiet, [name]: value })).toMatch(complaint);
  });

  test.each<[string, unknown, RegExp]>([
    ["verify", "yes", /verify must be an object of options/],
    ["verify", true, /verify must be an object of options/],
    ["verify", null, /verify must be an object of options/],
    ["verify", { resolveTxt: "1.1.1.1" }, /verify\.resolveTxt must be a function/],
    ["verify", { resolveTxt: null }, /verify\.resolveTxt must be a function/],
    ["verify", { keyDomain: 5 }, /verify\.keyDomain must be a text/],
    ["verify", { keyDomain: "" }, /keyDomain must be/],
    ["verify", { clock: 5 }, /verify\.clock must be a function/],
    ["verify", { clock: new Date() }, /verify\.clock must be a function/],
    ["verify", { publicUrl: "receiver.example/hooks" }, /publicUrl must be a (whole URL|text)/],
    ["verify", { publicUrl: 5 }, /publicUrl must be a (whole URL|text)/],
    ["verify", { maxAgeSeconds: "300" }, /verify\.maxAgeSeconds must be a number above 0, at most 86400/],
    ["verify", { maxAgeSeconds: 0 }, /maxAgeSeconds must be a number above 0/],
    ["verify", { maxAgeSeconds: -300 }, /maxAgeSeconds must be a number above 0/],
    ["verify", { maxAgeSeconds: Number.NaN }, /maxAgeSeconds must be a number above 0/],
    ["verify", { maxAgeSeconds: Number.POSITIVE_INFINITY }, /maxAgeSeconds must be a number above 0/],
    ["deliveries", new Map(), /deliveries must be an object with the functions claim, complete, release/],
    ["deliveries", {}, /deliveries must be an object with the functions claim, complete, release/],
    [
      "deliveries",
      { ...deliveries, release: undefined },
      /deliveries must be an object with the functions claim, complete, release/,
    ],
    ["deliveries", () => deliveries, /deliveries must be an object/],
    ["deliveries", null, /deliveries must be an object/],
  ])("with account, %s: %o", (name, value, complaint) => {
    expect(complaintOf({ ...quiet, account: 1234, [name]: value })).toMatch(complaint);
  });

  test.each([undefined, null, 0, "options", () => {}, Symbol("options")])("options as a whole: %s", (options) => {
    expect(complaintOf(options)).toMatch(/^createWebhookHandler must be an object of options; got /);
  });

  test("verify and deliveries are of no use without account", () => {
    expect(complaintOf({ ...quiet, verify: {} })).toMatch(/verify and deliveries need account/);
    expect(complaintOf({ ...quiet, deliveries })).toMatch(/verify and deliveries need account/);
    expect(complaintOf({ ...quiet, account: 1234, verify: false, deliveries })).toMatch(/verify and deliveries need/);
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
    ["no verification", { verify: false }],
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
    const handler = createWebhookHandler({ onWarning, onEvent() {} });
    expect(onWarning).toHaveBeenCalledOnce();
    expect(onWarning.mock.calls[0]).toEqual([expect.stringMatching(/^Anybody can post .* account/)]);
    await handler(postEvent());
    await handler(postEvent());
    expect(onWarning).toHaveBeenCalledOnce();
  });

  test("is told nothing of a handler that says verify: false, with or without an account", () => {
    const onWarning = vi.fn();
    createWebhookHandler({ verify: false, onWarning, onEvent() {} });
    createWebhookHandler({ verify: false, account: 1234, onWarning, onEvent() {} });
    createWebhookHandler({ verify: false, account: undefined, onWarning, onEvent() {} });
    expect(onWarning).not.toHaveBeenCalled();
  });

  test("is told at creation that a handler has no callback at all", () => {
    const onWarning = vi.fn();
    createWebhookHandler({ account: 1234, onWarning });
    expect(onWarning.mock.calls).toEqual([[expect.stringMatching(/^There is no callback/)]]);
  });

  test("is told nothing with account", () => {
    const onWarning = vi.fn();
    createWebhookHandler({ account: 1234, onWarning, onEvent() {} });
    expect(onWarning).not.toHaveBeenCalled();
  });

  test("is console.warn by default", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    createWebhookHandler({ account: 1234, onEvent() {} });
    expect(warn).not.toHaveBeenCalled();
    createWebhookHandler({ onEvent() {} });
    expect(warn).toHaveBeenCalledOnce();
  });

  test("is not told of a handler that could not be made", () => {
    const onWarning = vi.fn();
    complaintOf({ onWarning, path: "hooks" });
    expect(onWarning).not.toHaveBeenCalled();
  });
});

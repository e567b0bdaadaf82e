import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { never, receiver, SECRET, shownBy, verified } from "./answering.ts";
import { ENDPOINT, FORM, post, postEvent } from "./posts.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 60_000 };

describe("the handler never rejects", () => {
  const throwing = new Proxy(
    {},
    {
      get() {
        throw new Error(SECRET);
      },
    },
  );

  const garbage: readonly unknown[] = [
    undefined,
    null,
    0,
    "https://receiver.example/",
    {},
    [],
    () => {},
    throwing,
    { method: "POST", url: "/webhooks/copernica" },
    { method: "POST", url: "https://receiver.example/" },
    { method: "POST", url: undefined, headers: null, body: null },
    { method: Symbol("POST"), url: "https://receiver.example/" },
    { method: "POST", url: "https://receiver.example/", headers: new Headers(), bodyUsed: false, body: {} },
    { method: "POST", url: "https://receiver.example/", headers: throwing, bodyUsed: false, body: null },
    { method: "POST", url: "https://receiver.example/", headers: new Headers(), bodyUsed: false, body: throwing },
  ];

  test.each(garbage.map((request, index) => [index, request] as const))("for garbage: %i", async (_, request) => {
    for (const options of [{}, verified, { path: "/hooks" }]) {
      const { handler, errors } = receiver(options);
      const response = await handler(request as Request); // which it is not
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await shownBy(response)).not.toContain(SECRET);
      expect(errors).toHaveLength(1);
    }
  });

  const failing: Readonly<Record<string, () => unknown>> = {
    throws() {
      throw new Error(SECRET);
    },
    rejects: () => Promise.reject(new Error(SECRET)),
    "throws nothing": () => {
      throw undefined;
    },
    "returns a thenable that throws": () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
      get then(): never {
        throw new Error(SECRET);
      },
    }),
    "never finishes": never,
  };

  test.each(Object.keys(failing))("if onError %s: the answer is the same, and onWarning is told", async (way) => {
    const { handler, warnings } = receiver({ timeoutMs: 10, onError: failing[way] ?? never });
    const response = await handler(new Request(ENDPOINT));
    expect(response.status).toBe(405);
    expect(await shownBy(response)).not.toContain(SECRET);
    const [message, cause] = warnings.find(([message]) => String(message).includes("onError")) ?? [];
    expect(message).toContain("method_not_allowed");
    if (way === "throws") expect(cause).toMatchObject({ message: SECRET });
  });

  test.each(Object.keys(failing))("if onWarning %s, too", async (way) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      const onWarning = failing[way] ?? never;
      const onError = () => Promise.reject(new Error(SECRET));
      const { handler } = receiver({ timeoutMs: 10, onError, onWarning, onProfileCreate() {} });
      expect((await handler(new Request(ENDPOINT))).status).toBe(405);
      expect((await handler(postEvent())).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(log).toHaveBeenCalledTimes(way === "never finishes" ? 0 : 1);
      expect(JSON.stringify(log.mock.calls)).not.toContain(SECRET);
    } finally {
      log.mockRestore();
    }
  });

  test("for any body of any content type, and blames no sender's fault on itself", PATIENCE, async () => {
    const { handler } = receiver({ maxBodyBytes: 500, onEvent() {} });
    const names = fc.constantFrom("type", "profile", "subprofile", "time", "timestamp", "fields", "interests", "tags");
    const types = fc.constantFrom("create", "update", "delete", "open", "click", "abuse", "unsubscribe", "x");
    const pair = fc.tuple(names, fc.constantFrom("", "[]", "[a]", "[0]"), fc.oneof(types, fc.string()));
    const form = fc.array(pair).map((pairs) => pairs.map(([name, key, value]) => `${name}${key}=${value}`).join("&"));
    const body = fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.string({ unit: "binary" }), form, fc.json());
    const contentType = fc.constantFrom(FORM, "application/json", "text/plain");
    await fc.assert(
      fc.asyncProperty(body, contentType, async (sent, type) => {
        const response = await handler(post(sent as BodyInit, { "content-type": type })); // bytes or text
        expect([200, 400, 413, 415, 422]).toContain(response.status);
      }),
    );
  });
});

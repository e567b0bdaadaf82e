import process from "node:process";
import { describe, expect, test, vi } from "vitest";
import { never, receiver, SECRET, shownBy } from "./answering.ts";
import { ENDPOINT, postEvent, subprofileCreated } from "./posts.ts";

describe("a callback that fails", () => {
  const reason = Object.assign(new TypeError(SECRET, { cause: new Error(SECRET) }), { status: 200, code: SECRET });

  const ways: Readonly<Record<string, () => unknown>> = {
    "throws an error": () => {
      throw reason;
    },
    "rejects with an error": () => Promise.reject(reason),
    "rejects later": () => new Promise((_, reject) => setTimeout(reject, 1, reason)),
    "returns a thenable that rejects": () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
      then: (_: unknown, reject: (reason: unknown) => void) => reject(reason),
    }),
    "returns a thenable that throws": () => ({
      // biome-ignore lint/suspicious/noThenProperty: that is what a thenable is
      get then(): never {
        throw reason;
      },
    }),
  };

  test.each(
    Object.keys(ways).flatMap((way) =>
      (["onProfileCreate", "onEvent"] as const).map((callback) => [callback, way] as const),
    ),
  )("%s %s", async (callback, way) => {
    const { handler, errors } = receiver({ [callback]: ways[way] });
    const response = await handler(postEvent());
    expect(response.status).toBe(500);
    expect(await shownBy(response)).not.toContain(SECRET);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: "callback_failed", event: { name: "profile.create", profile: 4211 } });
    expect(errors[0]?.cause).toBe(reason);
  });

  test.each(Object.keys(ways))("onUnhandled %s", async (way) => {
    const { handler, errors } = receiver({ onUnhandled: ways[way] ?? never });
    expect((await handler(postEvent({ type: "transmogrify" }))).status).toBe(500);
    expect(errors.map(({ cause }) => cause)).toEqual([reason]);
  });

  test.each([undefined, null, "text", 0, Symbol("symbol"), Object.create(null), new Proxy({}, {})])(
    "with something else than an error: %#",
    async (thrown) => {
      const { handler, errors } = receiver({ onProfileCreate: () => Promise.reject(thrown) });
      expect((await handler(postEvent())).status).toBe(500);
      expect(errors[0]).toMatchObject({ code: "callback_failed" });
      expect(errors[0]?.cause).toBe(thrown);
    },
  );

  test("with an error of this package's own is a failed callback all the same", async () => {
    const { handler: inner, errors: innerErrors } = receiver();
    await inner(new Request(ENDPOINT));
    const { handler } = receiver({
      onProfileCreate() {
        throw innerErrors[0];
      },
    });
    expect((await handler(postEvent())).status).toBe(500);
  });

  test("is answered 500 even if another callback would have worked", async () => {
    const onEvent = vi.fn();
    const { handler } = receiver({ onProfileCreate: ways["rejects later"] ?? never, onEvent });
    expect((await handler(postEvent())).status).toBe(500);
    expect(onEvent).not.toHaveBeenCalled();
    expect((await handler(postEvent(subprofileCreated))).status).toBe(200);
    expect(onEvent).toHaveBeenCalledOnce();
  });
});

describe("callbacks that take longer than timeoutMs", () => {
  test("are told so by their signal, and answered 503", async () => {
    let signal: AbortSignal | undefined;
    const { handler, errors } = receiver({
      timeoutMs: 10,
      onProfileCreate(_, context) {
        signal = context.signal;
        expect(signal.aborted).toBe(false);
        return never();
      },
    });
    expect((await handler(postEvent())).status).toBe(503);
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBe(errors[0]);
    expect(errors[0]).toMatchObject({ code: "callback_timeout", event: { name: "profile.create" } });
  });

  test("find their signal aborted even if they ask for it only then", async () => {
    let aborted: Promise<boolean> | undefined;
    const { handler } = receiver({
      timeoutMs: 5,
      onProfileCreate(_, context) {
        aborted = new Promise((resolve) => setTimeout(() => resolve(context.signal.aborted), 60));
        return aborted;
      },
    });
    expect((await handler(postEvent())).status).toBe(503);
    expect(await aborted).toBe(true);
  });

  test("have that time together", async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 300));
    const { handler } = receiver({ timeoutMs: 500, onProfileCreate: wait, onEvent: wait });
    expect((await handler(postEvent())).status).toBe(503);
  });

  test("may fail afterwards, and onError is told why", async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", listener);
    try {
      const { handler, errors } = receiver({
        timeoutMs: 5,
        onProfileCreate: (_, { signal }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => void setTimeout(reject, 5, signal.reason))),
      });
      expect((await handler(postEvent())).status).toBe(503);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(errors.map(({ code }) => code)).toEqual(["callback_timeout", "callback_failed"]);
      expect(errors[1]?.cause).toBe(errors[0]);
      expect(rejections).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });

  test("and those that do not, are never told to stop", async () => {
    let signal: AbortSignal | undefined;
    const { handler } = receiver({
      timeoutMs: 50,
      onProfileCreate(_, context) {
        signal = context.signal;
      },
    });
    expect((await handler(postEvent())).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(signal?.aborted).toBe(false);
  });

  test("hold up no other request until then", async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { handler } = receiver({ onProfileCreate: () => finished });
    const slow = handler(postEvent());
    expect((await handler(postEvent(subprofileCreated))).status).toBe(200);
    finish();
    expect((await slow).status).toBe(200);
  });
});

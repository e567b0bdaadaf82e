import { describe, expect, test, vi } from "vitest";
import { createWebhookHandler, type UnknownEvent, type WebhookContext, type WebhookEvent } from "../../src/index.ts";
import { createTestCopernica, type EventName, samples } from "../../src/testing.ts";
import { ENDPOINT, FORM, post, postEvent, profileCreated, subprofileCreated } from "./posts.ts";

const quiet = { onWarning() {}, onError() {} };

/** The callback of each event. */
const callbackOf = {
  "profile.create": "onProfileCreate",
  "profile.update": "onProfileUpdate",
  "profile.delete": "onProfileDelete",
  "subprofile.create": "onSubprofileCreate",
  "subprofile.update": "onSubprofileUpdate",
  "subprofile.delete": "onSubprofileDelete",
  click: "onClick",
  open: "onOpen",
  delivery: "onDelivery",
  bounce: "onBounce",
  failure: "onFailure",
  unsubscribe: "onUnsubscribe",
  abuse: "onAbuse",
} as const satisfies Record<EventName, string>;

const eventNames = Object.keys(callbackOf) as EventName[]; // the keys of a literal

/** A handler that keeps the names of the callbacks that ran, in order, with their events' names. */
function recorder(callbacks: readonly string[]) {
  const calls: string[] = [];
  const options = Object.fromEntries(
    callbacks.map((callback) => [
      callback,
      async (event: WebhookEvent | UnknownEvent) => {
        await Promise.resolve();
        calls.push(`${callback} ${event.name}`);
      },
    ]),
  );
  return { handler: createWebhookHandler({ ...quiet, ...options }), calls };
}

describe("an event runs its own callback, and no other", () => {
  test.each(eventNames)("%s", async (name) => {
    const { handler, calls } = recorder(Object.values(callbackOf));
    expect((await handler(postEvent(samples[name]))).status).toBe(200);
    expect(calls).toEqual([`${callbackOf[name]} ${name}`]);
  });

  test("with the event and the context", async () => {
    const onProfileCreate = vi.fn();
    await createWebhookHandler({ ...quiet, onProfileCreate })(postEvent());
    expect(onProfileCreate).toHaveBeenCalledOnce();
    const [event, context] = onProfileCreate.mock.calls[0] ?? [];
    expect(event).toMatchObject({ name: "profile.create", profile: 4211, fields: { email: "sanne@example.com" } });
    expect(context.url.href).toBe(ENDPOINT);
  });

  test("once for each request, in whatever number they come", async () => {
    const seen: string[] = [];
    const handler = createWebhookHandler({
      ...quiet,
      async onSubprofileCreate({ subprofile }) {
        await Promise.resolve();
        seen.push(String(subprofile));
      },
    });
    const sent = Array.from({ length: 50 }, (_, index) => String(index + 1));
    await Promise.all(sent.map((subprofile) => handler(postEvent({ ...subprofileCreated, subprofile }))));
    expect(seen.sort()).toEqual(sent.sort());
  });
});

describe("onEvent and onUnhandled", () => {
  const both = ["onEvent", "onUnhandled"];

  test("onEvent sees every event, once its own callback is done", async () => {
    const { handler, calls } = recorder([...both, "onProfileCreate"]);
    await handler(postEvent());
    expect(calls).toEqual(["onProfileCreate profile.create", "onEvent profile.create"]);
  });

  test("onUnhandled sees an event that no callback took, before onEvent does", async () => {
    const { handler, calls } = recorder([...both, "onProfileCreate"]);
    await handler(postEvent(subprofileCreated));
    expect(calls).toEqual(["onUnhandled subprofile.create", "onEvent subprofile.create"]);
  });

  test("both see an event of an unknown type, with all that was sent", async () => {
    const onUnhandled = vi.fn();
    const onEvent = vi.fn();
    const handler = createWebhookHandler({ ...quiet, onUnhandled, onEvent });
    expect((await handler(postEvent({ type: "transmogrify", a: { b: ["c"] } }))).status).toBe(200);
    const event = { name: "unknown", type: "transmogrify", raw: { type: "transmogrify", a: { b: { 0: "c" } } } };
    expect(onUnhandled.mock.calls[0]?.[0]).toEqual(event);
    expect(onEvent.mock.calls[0]?.[0]).toEqual(event);
  });

  test("onEvent alone is enough", async () => {
    const { handler, calls } = recorder(["onEvent"]);
    await handler(postEvent());
    await handler(postEvent({ type: "transmogrify" }));
    expect(calls).toEqual(["onEvent profile.create", "onEvent unknown"]);
  });

  test("types that objects inherit are unknown as any other", async () => {
    const { handler, calls } = recorder([...both, "onProfileCreate"]);
    for (const type of ["constructor", "__proto__", "toString", "onProfileCreate", "profile.create", "Create"]) {
      expect((await handler(postEvent({ type }))).status).toBe(200);
    }
    expect(new Set(calls)).toEqual(new Set(["onUnhandled unknown", "onEvent unknown"]));
  });

  test("an event that is refused runs none", async () => {
    const { handler, calls } = recorder([...both, "onProfileCreate"]);
    expect((await handler(postEvent({ type: "create" }))).status).toBe(422);
    expect((await handler(post("type=create", { "content-type": "text/plain" }))).status).toBe(415);
    expect(calls).toEqual([]);
  });
});

describe("the context", () => {
  async function contextOf(request: Request): Promise<WebhookContext> {
    const onEvent = vi.fn();
    await createWebhookHandler({ ...quiet, onEvent })(request);
    return onEvent.mock.calls[0]?.[1];
  }

  test("has the request's headers", async () => {
    const { headers } = await contextOf(post("type=x", { "content-type": FORM, "X-Copernica-ID": "account_1234" }));
    expect(headers.get("x-copernica-id")).toBe("account_1234");
    expect(headers.get("content-type")).toBe(FORM);
  });

  test("has the request's URL, its query included", async () => {
    const { url } = await contextOf(postEvent(profileCreated, `${ENDPOINT}?customer=7&customer=8`));
    expect(url).toBeInstanceOf(URL);
    expect(url.pathname).toBe("/webhooks/copernica");
    expect(url.searchParams.getAll("customer")).toEqual(["7", "8"]);
  });

  test("has the URL that Copernica calls, whatever host a proxy or the sender's target names", async () => {
    const copernica = await createTestCopernica({ keyBits: 1_024 });
    const urls: string[] = [];
    const publicUrl = "https://hooks.example.com/webhooks/copernica";
    const handler = createWebhookHandler({
      account: 1234,
      verify: { publicUrl, resolveTxt: copernica.resolveTxt },
      onEvent: (_, { url }) => void urls.push(url.href),
    });
    const request = await copernica.request(samples.click, { url: `${publicUrl}?a=1` });
    const moved = new Request("http://attacker.example/webhooks/copernica?a=1", request);
    expect((await handler(moved)).status).toBe(200);
    expect(urls).toEqual([`${publicUrl}?a=1`]);
  });

  test("has a signal that is aborted when the client goes away", async () => {
    const client = new AbortController();
    let reason: unknown;
    const handler = createWebhookHandler({
      verify: false,
      async onEvent(_, { signal }) {
        expect(signal.aborted).toBe(false);
        client.abort(new Error("the client went away"));
        await new Promise((resolve) => setTimeout(resolve, 1));
        reason = signal.aborted ? signal.reason : "not aborted";
      },
    });
    const request = postEvent();
    Object.defineProperty(request, "signal", { value: client.signal });
    expect((await handler(request)).status).toBe(200);
    expect(reason).toMatchObject({ message: "the client went away" });
  });

  test("has the time of receipt, which is before the body was there", async () => {
    const before = Date.now();
    let bodyEnded = 0;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        bodyEnded = Date.now();
        controller.enqueue(new TextEncoder().encode("type=x"));
        controller.close();
      },
    });
    const { receivedAt } = await contextOf(post(body));
    expect(receivedAt).toBeInstanceOf(Date);
    expect(receivedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(receivedAt.getTime()).toBeLessThan(bodyEnded);
  });

  test("has a signal that nobody aborted", async () => {
    const { signal } = await contextOf(postEvent());
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
  });

  test("has a deliveryId only if the sender is verified", async () => {
    expect((await contextOf(postEvent())).deliveryId).toBeUndefined();
    const copernica = await createTestCopernica({ keyBits: 1_024 });
    const onEvent = vi.fn();
    const { resolveTxt } = copernica;
    const handler = createWebhookHandler({ ...quiet, account: copernica.account, verify: { resolveTxt }, onEvent });
    await handler(await copernica.request(profileCreated));
    expect(onEvent.mock.calls[0]?.[1].deliveryId).toMatch(/^[\w-]{32}$/);
  });

  test("has what the runtime passes beside the request, as it is", async () => {
    const env = { SECRET: "x" };
    const onEvent = vi.fn();
    const onError = vi.fn();
    const handler = createWebhookHandler<[env?: typeof env, ctx?: unknown]>({ onWarning() {}, onEvent, onError });
    await handler(postEvent(), env, undefined);
    await handler(postEvent());
    await handler(new Request(ENDPOINT), env);
    expect(onEvent.mock.calls[0]?.[1].platform).toEqual([env, undefined]);
    expect(onEvent.mock.calls[0]?.[1].platform[0]).toBe(env);
    expect(onEvent.mock.calls[1]?.[1].platform).toEqual([]);
    expect(onError.mock.calls[0]?.[1].platform).toEqual([env]);
  });

  test("is the same for all callbacks of one event, and another for the next", async () => {
    const contexts: WebhookContext[] = [];
    const keep = (_: unknown, context: WebhookContext) => contexts.push(context);
    const handler = createWebhookHandler({ ...quiet, onProfileCreate: keep, onEvent: keep });
    await handler(postEvent());
    await handler(postEvent());
    expect(contexts).toHaveLength(4);
    expect(contexts[0]).toBe(contexts[1]);
    expect(contexts[2]).not.toBe(contexts[0]);
  });

  test("may be taken apart", async () => {
    const handler = createWebhookHandler({
      ...quiet,
      onEvent(_, { headers, url, signal, receivedAt, platform, deliveryId }) {
        expect([headers.get("content-type"), url.href, signal.aborted]).toEqual([FORM, ENDPOINT, false]);
        expect([receivedAt instanceof Date, platform, deliveryId]).toEqual([true, [], undefined]);
      },
    });
    expect((await handler(postEvent())).status).toBe(200);
  });
});

describe("a request of Node's own", () => {
  test("is answered, through the response that came with it, and onWarning is told what to do", async () => {
    const errors: unknown[] = [];
    const handler = createWebhookHandler({ ...quiet, onError: (error) => errors.push(error) });
    const request = {
      method: "POST",
      url: "/hook",
      headers: { host: "localhost", "content-type": FORM },
      httpVersion: "1.1",
    };
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }),
      end: (body: string) => Object.assign(response, { body }),
      body: "",
    };
    const given = await (handler as (...call: unknown[]) => Promise<Response>)(request, response, () => {});
    expect([response.statusCode, given.status]).toEqual([500, 500]);
    expect(headers).toEqual({ "content-type": "application/problem+json" });
    expect(JSON.parse(response.body)).toMatchObject({ status: 500, code: "internal_error" });
    expect(response.body).toContain("toNodeHandler(handler)");
    expect(errors).toMatchObject([{ message: expect.stringContaining("toNodeHandler(handler)") }]);
  });
});

describe("the request", () => {
  test("is not written to", async () => {
    for (const url of [ENDPOINT, `${ENDPOINT}?a=b`]) {
      const request = postEvent(profileCreated, url);
      const before = Reflect.ownKeys(request);
      const headers = [...request.headers];
      expect((await createWebhookHandler({ ...quiet, path: "/webhooks/:name" })(request)).status).toBe(200);
      expect(Reflect.ownKeys(request)).toEqual(before);
      expect([...request.headers]).toEqual(headers);
      expect("params" in request || "query" in request || "route" in request).toBe(false);
    }
  });

  test("need not be a Request of this realm: what a framework makes of one is enough", async () => {
    const { method, url, headers, body } = postEvent();
    const handler = createWebhookHandler(quiet);
    const request = { method, url, headers, body, bodyUsed: false } as unknown as Request; // as much of it as is used
    expect((await handler(request)).status).toBe(200);
  });
});

describe("a handler", () => {
  test("works as a detached function, with what a runtime calls it with", async () => {
    const { fetch } = { fetch: createWebhookHandler(quiet) };
    expect((await fetch(postEvent())).status).toBe(200);
  });

  test("reads timestamps in its own time zone", async () => {
    const times: (Date | undefined)[] = [];
    const onProfileCreate = (event: WebhookEvent<"profile.create">) => times.push(event.occurredAt);
    for (const timeZone of ["Europe/Amsterdam", "UTC", "America/New_York"]) {
      await createWebhookHandler({ ...quiet, timeZone, onProfileCreate })(postEvent());
    }
    await createWebhookHandler({ ...quiet, onProfileCreate })(postEvent());
    expect(times.map((time) => time?.toISOString())).toEqual([
      "2026-11-24T09:15:30.000Z",
      "2026-11-24T10:15:30.000Z",
      "2026-11-24T15:15:30.000Z",
      "2026-11-24T09:15:30.000Z",
    ]);
  });

  test("is not changed by what becomes of its options afterwards", async () => {
    const first = vi.fn();
    const options = { ...quiet, onProfileCreate: first, maxBodyBytes: 1_000 };
    const handler = createWebhookHandler(options);
    options.maxBodyBytes = 1;
    expect((await handler(postEvent())).status).toBe(200);
    expect(first).toHaveBeenCalledOnce();
  });
});

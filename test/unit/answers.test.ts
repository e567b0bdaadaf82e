import process from "node:process";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  type AnsweredError,
  createWebhookHandler,
  type DeliveryStore,
  type WebhookErrorCode,
  type WebhookOptions,
} from "../../src/index.ts";
import { createTestCopernica } from "../../src/testing.ts";
import { ENDPOINT, FORM, post, postEvent, profileCreated, subprofileCreated, without } from "./posts.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 60_000 };

const copernica = await createTestCopernica({ account: 1234, keyBits: 1_024, url: ENDPOINT });

/** What no answer may show, wherever it stood. */
const SECRET = "c0ffee-swordfish";

/** Whether requests of this runtime can have this method; Workers know fewer than others. */
function isMethod(method: string): boolean {
  try {
    return new Request(ENDPOINT, { method }).method === method;
  } catch {
    return false;
  }
}

/** A handler that keeps what its callbacks are told. */
function receiver(options: WebhookOptions = {}) {
  const errors: AnsweredError[] = [];
  const warnings: unknown[][] = [];
  const handler = createWebhookHandler({
    ...(options.account === undefined && { verify: false }),
    onError: (error) => errors.push(error),
    onWarning: (...warning) => warnings.push(warning),
    ...options,
  });
  return { handler, errors, warnings };
}

interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly faults?: readonly Record<string, string>[];
}

/** The problem document of an answer, which must be one as RFC 9457 has it. */
async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem: Problem = await response.json();
  expect(problem.status).toBe(response.status);
  expect(problem.title).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)*$/);
  expect(problem.detail).toMatch(/\.$/);
  for (const member of Object.keys(problem)) expect(["title", "status", "detail", "code", "faults"]).toContain(member);
  return problem;
}

/** All of an answer that a stranger can see. */
async function shownBy(response: Response): Promise<string> {
  return JSON.stringify([response.statusText, [...response.headers], await response.text()]);
}

function streamOf(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

/** A POST whose client goes away in the middle. */
function cutOff(reason: unknown = new Error("ECONNRESET")): Request {
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) controller.error(reason);
      else controller.enqueue(new TextEncoder().encode("type=create&profile=4211&"));
      begun = true;
    },
  });
  return post(body);
}

async function readAlready(): Promise<Request> {
  const request = postEvent();
  await request.text();
  return request;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

const working: DeliveryStore = { claim: () => "claimed", complete() {}, release() {} };

const verified: WebhookOptions = { account: 1234, verify: { resolveTxt: copernica.resolveTxt } };

interface Case {
  readonly name: string;
  readonly options?: WebhookOptions;
  readonly request: () => Request | Promise<Request>;
  readonly status: number;
  readonly code: WebhookErrorCode;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const refusals: readonly Case[] = [
  {
    name: "a form over a bound",
    request: () => post(`a${"[b]".repeat(65)}=x`),
    status: 400,
    code: "undecodable_body",
    title: "Bad Request",
  },
  {
    name: "JSON that is none",
    request: () => post('{"type":"create"', { "content-type": "application/json" }),
    status: 400,
    code: "undecodable_body",
    title: "Bad Request",
  },
  {
    name: "JSON that is no object",
    request: () => post("[]", { "content-type": "application/json" }),
    status: 400,
    code: "undecodable_body",
    title: "Bad Request",
  },
  { name: "a body read already", request: readAlready, status: 400, code: "body_used", title: "Bad Request" },
  {
    name: "a client that goes away",
    request: () => cutOff(),
    status: 400,
    code: "body_interrupted",
    title: "Bad Request",
  },
  {
    name: "a call that is not signed",
    options: verified,
    request: () => postEvent(),
    status: 401,
    code: "invalid_signature_header",
    title: "Unauthorized",
    headers: {
      "www-authenticate": 'Signature realm="Copernica",headers="(request-target) host date digest x-copernica-id"',
    },
  },
  {
    name: "another path",
    options: { path: "/hooks" },
    request: () => postEvent(),
    status: 404,
    code: "path_not_found",
    title: "Not Found",
  },
  {
    name: "another method",
    request: () => new Request(ENDPOINT),
    status: 405,
    code: "method_not_allowed",
    title: "Method Not Allowed",
    headers: { allow: "POST" },
  },
  {
    name: "a delivery that is being processed",
    options: { ...verified, deliveries: { ...working, claim: () => "running" }, onEvent() {} },
    request: () => copernica.request(profileCreated),
    status: 409,
    code: "delivery_in_progress",
    title: "Conflict",
    headers: { "retry-after": "30" },
  },
  {
    name: "a body over the limit",
    options: { maxBodyBytes: 10 },
    request: () => postEvent(),
    status: 413,
    code: "body_too_large",
    title: "Content Too Large",
  },
  {
    name: "another content type",
    request: () => post("type=create", { "content-type": "text/plain" }),
    status: 415,
    code: "unsupported_content_type",
    title: "Unsupported Media Type",
  },
  {
    name: "an event that lacks a variable",
    request: () => postEvent(without(profileCreated, "profile")),
    status: 422,
    code: "invalid_event",
    title: "Unprocessable Content",
  },
  {
    name: "a callback that fails",
    options: {
      onProfileCreate() {
        throw new Error(SECRET);
      },
    },
    request: () => postEvent(),
    status: 500,
    code: "callback_failed",
    title: "Internal Server Error",
  },
  {
    name: "callbacks that take too long",
    options: { timeoutMs: 5, onProfileCreate: never },
    request: () => postEvent(),
    status: 503,
    code: "callback_timeout",
    title: "Service Unavailable",
  },
  {
    name: "DNS that does not answer",
    options: { account: 1234, verify: { resolveTxt: () => Promise.reject(new Error(SECRET)) } },
    request: () => copernica.request(profileCreated),
    status: 503,
    code: "key_unavailable",
    title: "Service Unavailable",
    headers: { "retry-after": "30" },
  },
  {
    name: "a store of deliveries that fails",
    options: { ...verified, deliveries: { ...working, claim: () => Promise.reject(new Error(SECRET)) }, onEvent() {} },
    request: () => copernica.request(profileCreated),
    status: 503,
    code: "deliveries_unavailable",
    title: "Service Unavailable",
    headers: { "retry-after": "30" },
  },
];

describe.each(refusals)("$name", ({ options, request, status, code, title, headers = {} }) => {
  test(`is answered ${status}, as a problem document with the code ${code}`, async () => {
    const { handler } = receiver(options);
    const response = await handler(await request());
    expect(response.status).toBe(status);
    for (const name of ["allow", "retry-after", "www-authenticate"]) {
      expect(response.headers.get(name), name).toBe(headers[name] ?? null);
    }
    expect(await problemOf(response)).toMatchObject({ code, title });
  });

  test("shows nothing of an exception", async () => {
    const { handler } = receiver(options);
    expect(await shownBy(await handler(await request()))).not.toContain(SECRET);
  });

  test("is told to onError once, with the request it was", async () => {
    const onError = vi.fn();
    const { handler } = receiver({ ...options, onError });
    const sent = await request();
    const response = await handler(sent);
    expect(onError).toHaveBeenCalledOnce();
    const [error, context] = onError.mock.calls[0] ?? [];
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code, status, message: (await problemOf(response)).detail });
    expect(context.url.href).toBe(sent.url);
    expect(context.headers).toBe(sent.headers);
  });
});

describe("an event that is safe is answered 200, without a body", () => {
  test.each<[string, WebhookOptions, Request]>([
    ["its callback is done", { onProfileCreate() {} }, postEvent()],
    ["its callback resolved", { onProfileCreate: async () => {} }, postEvent()],
    ["its callback returned something", { onProfileCreate: () => new Response("no", { status: 500 }) }, postEvent()],
    ["nobody registered for it", {}, postEvent()],
    ["others registered", { onSubprofileCreate: never, onClick: never }, postEvent()],
    ["its type is unknown", { onProfileCreate: never }, postEvent({ type: "transmogrify" })],
    ["its type is empty", {}, postEvent({ type: "" })],
    ["it came as JSON", {}, post(JSON.stringify(profileCreated), { "content-type": "application/json" })],
  ])("%s", async (_, options, request) => {
    const { handler, errors } = receiver(options);
    const response = await handler(request);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect(response.headers.get("content-type")).toBeNull();
    expect(errors).toEqual([]);
  });

  test("its sender is verified", async () => {
    const { handler, errors, warnings } = receiver({ ...verified, onProfileCreate() {} });
    const response = await handler(await copernica.request(profileCreated));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect([...errors, ...warnings]).toEqual([]);
  });
});

describe("a request is checked in order", () => {
  const everythingWrong = { method: "PUT", body: "x".repeat(100), headers: { "content-type": "text/plain" } };

  test("the method before the path", async () => {
    const { handler } = receiver({ ...verified, path: "/hooks", maxBodyBytes: 10 });
    const response = await handler(new Request(ENDPOINT, everythingWrong));
    expect(response.status).toBe(405);
  });

  test("the path before the body, which is not read", async () => {
    const { handler } = receiver({ ...verified, path: "/hooks", maxBodyBytes: 10 });
    const request = new Request(ENDPOINT, { ...everythingWrong, method: "POST" });
    expect((await handler(request)).status).toBe(404);
    expect(request.bodyUsed).toBe(false);
    expect((await handler(await readAlready())).status).toBe(404);
  });

  test("the sender before the body, which is not read", async () => {
    const { handler } = receiver({ ...verified, maxBodyBytes: 10 });
    const request = new Request(ENDPOINT, { ...everythingWrong, method: "POST" });
    expect((await handler(request)).status).toBe(401);
    expect(request.bodyUsed).toBe(false);
    expect((await handler(await readAlready())).status).toBe(401);
  });

  test("the size before the digest", async () => {
    const { handler } = receiver({ ...verified, maxBodyBytes: 10 });
    expect((await handler(await copernica.request(profileCreated))).status).toBe(413);
  });

  test("the signature before the content", async () => {
    const { handler } = receiver(verified);
    expect((await handler(new Request(ENDPOINT, { ...everythingWrong, method: "POST" }))).status).toBe(401);
  });

  test("the content type before the content", async () => {
    const { handler } = receiver();
    expect((await handler(post("{", { "content-type": "text/json" }))).status).toBe(415);
  });
});

describe("the method", () => {
  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "ALL", "post-it"].filter(isMethod))(
    "%s is refused",
    async (method) => {
      const { handler } = receiver({ path: "/webhooks/:name", onEvent: never });
      for (const url of [ENDPOINT, "https://receiver.example/elsewhere"]) {
        const response = await handler(new Request(url, { method }));
        expect(response.status).toBe(405);
        expect(response.headers.get("allow")).toBe("POST");
      }
    },
  );

  test("POST is accepted however it is spelled", async () => {
    const { handler } = receiver();
    const headers = { "content-type": FORM };
    expect((await handler(new Request(ENDPOINT, { method: "post", headers, body: "type=x" }))).status).toBe(200);
  });
});

describe("the content type", () => {
  const form = "type=transmogrify";
  const json = '{"type":"transmogrify"}';

  test.each([
    ["application/x-www-form-urlencoded", form],
    ["application/x-www-form-urlencoded; charset=UTF-8", form],
    ["application/x-www-form-urlencoded;charset=utf-8", form],
    ['application/x-www-form-urlencoded ; charset="utf-8"; x=y', form],
    ["APPLICATION/X-WWW-Form-URLEncoded", form],
    ["  application/x-www-form-urlencoded  ", form],
    ["application/json", json],
    ["application/json; charset=utf-8", json],
    ["Application/JSON;charset=UTF-8", json],
  ])("%j is accepted", async (contentType, body) => {
    const { handler } = receiver();
    expect((await handler(post(body, { "content-type": contentType }))).status).toBe(200);
  });

  test.each([
    "",
    "text/plain",
    "text/plain;charset=UTF-8",
    "multipart/form-data; boundary=application/x-www-form-urlencoded",
    "application/x-www-form-urlencodedx",
    "application/json-patch+json",
    "application/problem+json",
    "application/json, application/x-www-form-urlencoded",
    "x; application/json",
    "application/octet-stream",
  ])("%j is refused", async (contentType) => {
    const { handler, errors } = receiver();
    const response = await handler(post(form, { "content-type": contentType }));
    expect(response.status).toBe(415);
    expect((await problemOf(response)).detail).toContain("application/x-www-form-urlencoded");
    expect(errors).toHaveLength(1);
  });

  test("is missed where it is missing", async () => {
    const { handler } = receiver();
    expect((await handler(post(new TextEncoder().encode(form), {}))).status).toBe(415);
    expect((await handler(post(null, {}))).status).toBe(415);
  });
});

describe("the size of a body", () => {
  const body = "type=x&pad=".padEnd(1_000, "é");
  const size = new TextEncoder().encode(body).byteLength;

  /** The body in as many parts. */
  function inParts(parts: number): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(body);
    const length = Math.ceil(size / parts);
    return new ReadableStream({
      start(controller) {
        for (let start = 0; start < size; start += length) controller.enqueue(bytes.subarray(start, start + length));
        controller.close();
      },
    });
  }

  test.each([1, 2, 7, size])("is counted in bytes, to the byte, in %i parts", async (parts) => {
    const enough = receiver({ maxBodyBytes: size });
    expect((await enough.handler(post(inParts(parts)))).status).toBe(200);
    const tooFew = receiver({ maxBodyBytes: size - 1 });
    const response = await tooFew.handler(post(inParts(parts)));
    expect(response.status).toBe(413);
    expect((await problemOf(response)).detail).toContain(String(size - 1));
  });

  test("may be 1 MiB by default", async () => {
    const { handler } = receiver();
    const mebibyte = "type=x&pad=".padEnd(1_024 * 1_024, "x");
    expect((await handler(post(mebibyte))).status).toBe(200);
    expect((await handler(post(`${mebibyte}x`))).status).toBe(413);
  });

  test.each([
    ["0", 413],
    [String(size - 1), 413],
    [String(size), 200],
    [String(size + 1), 400],
    ["999999999999", 413],
    ["-1", 200],
    ["none", 200],
  ])("is that of what arrives, and one that declares %s bytes is answered %i", async (contentLength, status) => {
    const { handler } = receiver({ maxBodyBytes: 2 * size });
    const headers = { "content-type": FORM, "content-length": contentLength };
    expect((await handler(post(body, headers))).status).toBe(status);
    expect((await handler(post(inParts(7), headers))).status).toBe(status);
    expect((await handler(post("x".repeat(2 * size + 1), headers))).status).toBe(413);
  });

  test("is limited also where it never ends: reading stops at the limit", async () => {
    const chunk = new TextEncoder().encode("type=x&".padEnd(1_024, "x"));
    let sent = 0;
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Promise.resolve();
        sent += chunk.byteLength;
        controller.enqueue(chunk.slice());
      },
      cancel() {
        canceled = true;
      },
    });
    const { handler } = receiver({ maxBodyBytes: 16 * 1_024 });
    expect((await handler(post(endless))).status).toBe(413);
    const sentAtAnswer = sent;
    expect(sentAtAnswer).toBeLessThanOrEqual(24 * 1_024);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(canceled).toBe(true);
    expect(sent).toBeLessThanOrEqual(sentAtAnswer + 1_024);
  });

  test("is answered without waiting for a source that does not let itself be canceled", async () => {
    for (const cancel of [never, () => Promise.reject(new Error(SECRET))]) {
      const stubborn = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1_024)),
        cancel,
      });
      const { handler } = receiver({ maxBodyBytes: 10 });
      expect((await handler(post(stubborn))).status).toBe(413);
    }
  });

  test("may be nothing", async () => {
    const { handler } = receiver();
    for (const nothing of ["", null, streamOf(), streamOf("", "")]) {
      expect((await handler(post(nothing))).status).toBe(422);
    }
  });
});

describe("a body that comes in parts", () => {
  test("is one, wherever it is cut", async () => {
    const body = "type=create&fields[na%C3%A9m]=S%C3%A9";
    for (let cut = 0; cut <= body.length; cut += 1) {
      const onUnhandled = vi.fn();
      const { handler } = receiver({ onUnhandled });
      const sent = body.replace("create", "x");
      await handler(post(streamOf(sent.slice(0, cut), sent.slice(cut))));
      expect(onUnhandled.mock.calls[0]?.[0].raw).toEqual({ type: "x", fields: { naém: "Sé" } });
    }
  });
});

describe("a body that cannot be read", () => {
  test("since something reads it at the moment", async () => {
    const { handler, errors } = receiver();
    const request = postEvent();
    const reader = request.body?.getReader();
    expect((await handler(request)).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_used"]);
    reader?.releaseLock();
  });

  test("since something read the beginning of it", async () => {
    const { handler, errors } = receiver();
    const request = post(streamOf("type=create&", "type=x"));
    const reader = request.body?.getReader();
    await reader?.read();
    reader?.releaseLock();
    expect((await handler(request)).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_used"]);
  });

  test("since the handler was called with it before", async () => {
    const { handler } = receiver();
    const request = postEvent();
    expect((await handler(request)).status).toBe(200);
    expect((await handler(request)).status).toBe(400);
  });

  test("since its client went away, and onError is told why", async () => {
    const onEvent = vi.fn();
    const { handler, errors } = receiver({ onEvent });
    const reason = new Error(SECRET);
    const response = await handler(cutOff(reason));
    expect(response.status).toBe(400);
    expect(await shownBy(response)).not.toContain(SECRET);
    expect(errors.map(({ code }) => code)).toEqual(["body_interrupted"]);
    expect(errors[0]?.cause).toBeDefined();
    expect(onEvent).not.toHaveBeenCalled();
  });

  test("since its client went away without saying a word", async () => {
    const { handler, errors } = receiver();
    expect((await handler(cutOff(undefined))).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_interrupted"]);
  });
});

describe("an event that is not what its type asks for", () => {
  test("is answered with every variable at fault and what was expected, never with a value", async () => {
    const { handler, errors } = receiver({ onEvent: never });
    const response = await handler(
      postEvent({
        type: "create",
        profile: SECRET,
        database: "",
        timestamp: `${SECRET}!`,
        created: { 0: SECRET },
        fields: { email: { 1: SECRET }, age: "34" },
        parameters: SECRET,
        time: "-1",
      }),
    );
    expect(response.status).toBe(422);
    const problem = await problemOf(response.clone() as Response);
    expect(Object.fromEntries((problem.faults ?? []).map((fault) => [fault.variable, fault]))).toEqual({
      profile: { variable: "profile", expected: "a positive whole number", received: "text of 16 characters" },
      database: { variable: "database", expected: "a positive whole number", received: "empty text" },
      timestamp: {
        variable: "timestamp",
        expected: "a time as YYYY-MM-DD HH:MM:SS",
        received: "text of 17 characters",
      },
      created: { variable: "created", expected: "a time as YYYY-MM-DD HH:MM:SS", received: "a map" },
      modified: { variable: "modified", expected: "a time as YYYY-MM-DD HH:MM:SS", received: "nothing" },
      "fields.email": { variable: "fields.email", expected: "text", received: "a map" },
      parameters: { variable: "parameters", expected: "a map", received: "text of 16 characters" },
      time: { variable: "time", expected: "a Unix time in seconds", received: "text of 2 characters" },
    });
    for (const { variable } of problem.faults ?? []) expect(problem.detail).toContain(variable);
    expect(await shownBy(response)).not.toContain(SECRET);
    expect(errors[0]).toMatchObject({ code: "invalid_event", faults: problem.faults });
  });

  test("shows no value of a body that cannot be decoded", async () => {
    const { handler, errors } = receiver();
    const response = await handler(post(`{"type":"create","x":${SECRET}}`, { "content-type": "application/json" }));
    expect(response.status).toBe(400);
    expect(await shownBy(response)).not.toContain(SECRET.slice(0, 4));
    expect(errors[0]?.cause).toBeInstanceOf(SyntaxError);
  });

  test("nothing that the sender chose is repeated: path, method, headers", async () => {
    const { handler } = receiver({ path: "/hooks" });
    const url = `https://receiver.example/${SECRET}?${SECRET}`;
    const headers = { "content-type": `text/${SECRET}`, "x-name": SECRET };
    expect(await shownBy(await handler(post("", headers, url)))).not.toContain(SECRET);
    if (isMethod(SECRET)) {
      expect(await shownBy(await handler(new Request(url, { method: SECRET, headers })))).not.toContain(SECRET);
    }
    expect(await shownBy(await handler(post("", headers, "https://receiver.example/hooks")))).not.toContain(SECRET);
  });
});

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

  test("is answered 500 also where another callback would have worked", async () => {
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

  test("find their signal aborted also where they ask for it only then", async () => {
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

  test.each(Object.keys(failing))("where onError %s: the answer is the same, and onWarning is told", async (way) => {
    const { handler, warnings } = receiver({ timeoutMs: 10, onError: failing[way] ?? never });
    const response = await handler(new Request(ENDPOINT));
    expect(response.status).toBe(405);
    expect(await shownBy(response)).not.toContain(SECRET);
    const [message, cause] = warnings.find(([message]) => String(message).includes("onError")) ?? [];
    expect(message).toContain("method_not_allowed");
    if (way === "throws") expect(cause).toMatchObject({ message: SECRET });
  });

  test.each(Object.keys(failing))("where onWarning %s, too", async (way) => {
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

import { describe, expect, test, vi } from "vitest";
import type { WebhookErrorCode, WebhookOptions } from "../../src/index.ts";
import {
  copernica,
  cutOff,
  never,
  problemOf,
  readAlready,
  receiver,
  SECRET,
  shownBy,
  verified,
  working,
} from "./answering.ts";
import { ENDPOINT, post, postEvent, profileCreated, without } from "./posts.ts";

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

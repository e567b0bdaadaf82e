import { createServer, type RequestListener, type Server } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Server as NetServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createWebhookHandler, type RequestErrorCode } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import { encodeForm, samples } from "copernica-webhooks/testing";
import express from "express";
import express4 from "express4";
import fastify from "fastify";
import Koa from "koa";
import bodyParser from "koa-bodyparser";
import { afterEach, describe, expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import { chunk, FORM, head, PATH, signBody, signing, whole } from "./messages.ts";

const LIMIT = 10_000;
const BODY_TIMEOUT_MS = 200;
const form = encodeForm(samples["profile.create"]);

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: NetServer): Promise<number> {
  closers.push(() => server.close());
  if ("closeAllConnections" in server) closers.push(() => (server as Server).closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port; // as that of a server on TCP is
}

/** A receiver with small bounds, and what became of its calls. */
function createReceiver({
  onProfileCreate = () => {},
}: {
  readonly onProfileCreate?: (signal: AbortSignal) => unknown;
} = {}) {
  const codes: string[] = [];
  const warnings: string[] = [];
  const events: number[] = [];
  const listener = toNodeHandler(
    createWebhookHandler({
      account: signing.account,
      verify: { resolveTxt: async () => signing.records },
      maxBodyBytes: LIMIT,
      bodyTimeoutMs: BODY_TIMEOUT_MS,
      async onProfileCreate({ profile }, { signal }) {
        events.push(profile);
        await onProfileCreate(signal);
      },
      onError: ({ code }) => codes.push(code),
      onWarning: (message) => warnings.push(message),
    }),
  );
  return { codes, warnings, events, listener };
}

async function start(listener: RequestListener) {
  const server = createServer(listener);
  const port = await listen(server);
  return { server, connection: await openConnection(port) };
}

/** Waits until something has come true, or for so long that it never will. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500 && !isTrue(); attempt += 1) await pause(10);
  expect(isTrue()).toBe(true);
}

describe("a body over the limit is answered 413", () => {
  test("before it is sent, if Content-Length says so", async () => {
    const { listener } = createReceiver();
    const { connection } = await start(listener);
    const { headers } = await signBody({ body: "a".repeat(LIMIT + 1) });
    await connection.send(head({ headers }));
    expect((await connection.answer())?.status).toBe(413);
  });

  test("and the connection goes on after one that is not much over it", async () => {
    const { listener, events } = createReceiver();
    const { connection } = await start(listener);
    await connection.send(whole(await signBody({ body: "a".repeat(LIMIT + 1) })));
    const refusal = await connection.answer();
    expect([refusal?.status, refusal?.headers.get("connection")]).not.toEqual([413, "close"]);
    await connection.send(whole(await signBody({ body: form })));
    expect((await connection.answer())?.status).toBe(200);
    expect(events).toHaveLength(1);
  });

  test("which its sender reads, who sends all of it first, and then the connection closes", async () => {
    const { listener } = createReceiver();
    const { connection } = await start(listener);
    const { headers, body } = await signBody({ body: "a".repeat(8_000_000) });
    await connection.send(whole({ headers, body }));
    const answer = await connection.answer();
    expect([answer?.status, answer?.headers.get("connection")]).toEqual([413, "close"]);
    await connection.ended;
  });

  test("while it is sent in chunks without end", async () => {
    const { listener, codes } = createReceiver();
    const { connection } = await start(listener);
    const { headers } = await signBody({ body: form });
    const { "content-length": _, ...others } = headers;
    await connection.send(head({ headers: { ...others, "transfer-encoding": "chunked" } }));
    const answered = connection.answer();
    while (codes.length === 0) await connection.send(chunk(Buffer.alloc(1_000, "a")));
    expect((await answered)?.status).toBe(413);
    expect(codes).toEqual(["body_too_large"]);
  });

  test("and a stranger who sends without end is not listened to for long", async () => {
    const { listener, codes } = createReceiver();
    const { connection } = await start(listener);
    await connection.send(head({ headers: { "content-type": FORM, "transfer-encoding": "chunked" } }));
    const part = chunk(Buffer.alloc(1_000_000, "a"));
    for (let sent = 0; sent < 1_000 && !connection.hasEnded(); sent += 1) {
      await Promise.race([connection.send(part), connection.ended]);
    }
    expect(connection.hasEnded()).toBe(true);
    expect((await connection.answer())?.status).toBe(401);
    expect(codes).toEqual(["invalid_signature_header"]);
  });
});

test("a body that does not come is answered 408, and the connection closes", async () => {
  const { listener, codes } = createReceiver();
  const { connection } = await start(listener);
  const { headers, body } = await signBody({ body: form });
  await connection.send(head({ headers }));
  await connection.send(body.subarray(0, 10));
  const answer = await connection.answer();
  expect([answer?.status, answer?.headers.get("connection")]).toEqual([408, "close"]);
  connection.end();
  await connection.ended;
  expect(codes).toEqual(["body_timeout"]);
});

test("a client that goes away within its body is no event", async () => {
  const { listener, codes, events } = createReceiver();
  const { connection } = await start(listener);
  const { headers, body } = await signBody({ body: form });
  await connection.send(head({ headers }));
  await connection.send(body.subarray(0, 10));
  await pause(20);
  connection.destroy();
  await until(() => codes.length > 0);
  expect([codes, events]).toEqual([["body_interrupted"], []]);
});

test("a client that goes away before it is answered aborts the signal", async () => {
  let aborted = false;
  let isCalled = false;
  const { listener } = createReceiver({
    async onProfileCreate(signal) {
      isCalled = true;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
    },
  });
  const { connection } = await start(listener);
  await connection.send(whole(await signBody({ body: form })));
  await until(() => isCalled);
  connection.destroy();
  await until(() => aborted);
});

test("the signal of a call that was answered is not aborted", async () => {
  let signal: AbortSignal | undefined;
  const { listener } = createReceiver({
    onProfileCreate(given) {
      signal = given;
    },
  });
  const { connection } = await start(listener);
  await connection.send(whole(await signBody({ body: form })));
  expect((await connection.answer())?.status).toBe(200);
  connection.destroy();
  await pause(50);
  expect(signal?.aborted).toBe(false);
});

describe("a client that waits for 100 Continue", () => {
  const expectation = { expect: "100-continue" };

  test("is sent it by Node's server", async () => {
    const { listener } = createReceiver();
    const { connection } = await start(listener);
    const { headers, body } = await signBody({ body: form });
    await connection.send(head({ headers: { ...headers, ...expectation } }));
    expect((await connection.answer())?.status).toBe(100);
    await connection.send(body);
    expect((await connection.answer())?.status).toBe(200);
  });

  test("is sent it once its sender is verified, if the function listens to checkContinue too", async () => {
    const { listener } = createReceiver();
    const { server, connection } = await start(listener);
    server.on("checkContinue", listener);
    const { headers, body } = await signBody({ body: form });
    await connection.send(head({ headers: { ...headers, ...expectation } }));
    expect((await connection.answer())?.status).toBe(100);
    await connection.send(body);
    expect((await connection.answer())?.status).toBe(200);
  });

  test("is refused without it then, and the connection closes", async () => {
    const { listener } = createReceiver();
    const { server, connection } = await start(listener);
    server.on("checkContinue", listener);
    await connection.send(head({ headers: { "content-type": FORM, "content-length": form.length, ...expectation } }));
    expect((await connection.answer())?.status).toBe(401);
    await connection.ended;
  });
});

describe("through HTTP/2", () => {
  async function startHttp2(receiver = createReceiver()) {
    const server = createHttp2Server(receiver.listener as never);
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => sessions.add(session));
    let open = 0;
    server.on("stream", (stream) => {
      open += 1;
      stream.on("close", () => {
        open -= 1;
      });
    });
    const port = await listen(server);
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    closers.unshift(() => {
      client.destroy();
      for (const session of sessions) session.destroy();
    });
    return { ...receiver, client, openStreams: () => open };
  }

  /** The headers of HTTP/2: the host has a place of its own, and the names of connections none. */
  function http2Headers({ host, ...headers }: Record<string, string> = {}) {
    return { ":method": "POST", ":path": PATH, ...(host && { ":authority": host }), ...headers };
  }

  async function statusOf(stream: ReturnType<Awaited<ReturnType<typeof startHttp2>>["client"]["request"]>) {
    return await new Promise<number | undefined>((resolve, reject) => {
      stream.on("response", (headers) => resolve(headers[":status"]));
      stream.on("error", reject);
      stream.resume();
    });
  }

  test("a signed event reaches its callback, its host signed too", async () => {
    const { client, events } = await startHttp2();
    const { headers, body } = await signBody({ body: form });
    const stream = client.request(http2Headers(headers));
    stream.end(body);
    expect(await statusOf(stream)).toBe(200);
    expect(events).toEqual([4211]);
  });

  test("a stranger is answered 401, and the next call of the connection 200", async () => {
    const { client } = await startHttp2();
    const refused = client.request(http2Headers({ "content-type": FORM }));
    refused.end("a".repeat(1_000_000));
    expect(await statusOf(refused)).toBe(401);
    const { headers, body } = await signBody({ body: form });
    const stream = client.request(http2Headers(headers));
    stream.end(body);
    expect(await statusOf(stream)).toBe(200);
  });

  test("a body over the limit is answered 413 as it is sent, and its stream closes", async () => {
    const { client, codes, openStreams } = await startHttp2();
    const { headers } = await signBody({ body: form });
    const { "content-length": _, ...others } = headers;
    const stream = client.request(http2Headers(others));
    stream.write(Buffer.alloc(100_000, "a"));
    expect(await statusOf(stream)).toBe(413);
    await until(() => openStreams() === 0);
    expect(codes).toEqual(["body_too_large"]);
  });

  test("a client that goes away within its body is no event", async () => {
    const { client, codes, events } = await startHttp2();
    const { headers } = await signBody({ body: form });
    const { "content-length": _, ...others } = headers;
    const stream = client.request(http2Headers(others));
    stream.on("error", () => {});
    stream.write(form);
    await pause(50);
    client.destroy();
    await until(() => codes.length > 0);
    expect([codes, events]).toEqual([["body_interrupted"], []]);
  });
});

describe("a body that was parsed before is refused, and the warning has the line to change", () => {
  const routes: readonly (readonly [
    where: string,
    listen: (listener: RequestListener) => Promise<Server>,
    line: string,
  ])[] = [
    [
      "Express 5",
      async (listener) => createServer(express().use(express.urlencoded()).post(PATH, listener)),
      "express.json({ verify(req, res, buffer) { req.rawBody = buffer } })",
    ],
    [
      "Express 4",
      async (listener) =>
        createServer(
          express4()
            .use(express4.urlencoded({ extended: true }))
            .post(PATH, listener),
        ),
      "mount the handler before express.json()",
    ],
    [
      "Fastify",
      async (listener) => {
        const app = fastify();
        app.addContentTypeParser("*", { parseAs: "string" }, (_request, _body, done) => done(null, {}));
        app.post(PATH, async (request, reply) => {
          reply.hijack();
          await listener(request.raw, reply.raw as never);
        });
        await app.ready();
        return app.server;
      },
      'addContentTypeParser("*", (request, payload, done) => done(null))',
    ],
    [
      "Koa",
      async (listener) =>
        createServer(
          new Koa()
            .use(bodyParser())
            .use(async (context) => {
              context.respond = false;
              await listener(context.req, context.res as never);
            })
            .callback(),
        ),
      "context.req.rawBody = context.request.rawBody",
    ],
    [
      "an API route of Next",
      async (listener) =>
        createServer(async (request, response) => {
          for await (const _ of request);
          listener(Object.assign(request, { body: {}, previewData: false }), response as never);
        }),
      "export const config = { api: { bodyParser: false } }",
    ],
  ];
  test.each(routes)("in %s", async (_, mount, line) => {
    const { listener, codes, warnings } = createReceiver();
    const connection = await openConnection(await listen(await mount(listener)));
    await connection.send(whole(await signBody({ body: form })));
    const code: RequestErrorCode = "body_used";
    expect((await connection.answer())?.status).toBe(400);
    expect(codes).toEqual([code]);
    expect(warnings).toEqual([expect.stringContaining(line)]);
  });

  test.each<[string, (listener: RequestListener) => RequestListener]>([
    ["Express 5", (listener) => express().use(express.json()).post(PATH, listener)],
    ["Express 4", (listener) => express4().use(express4.json()).post(PATH, listener)],
  ])("but express.json() leaves forms alone, in %s", async (_, mount) => {
    const { listener, events } = createReceiver();
    const { connection } = await start(mount(listener));
    await connection.send(whole(await signBody({ body: form })));
    expect((await connection.answer())?.status).toBe(200);
    expect(events).toEqual([4211]);
  });
});

import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { createWebhookHandler, type WebhookOptions } from "copernica-webhooks";
import { type NodePlatform, toNodeHandler } from "copernica-webhooks/node";
import { encodeForm, samples } from "copernica-webhooks/testing";
import express from "express";
import express4 from "express4";
import fastify from "fastify";
import { createApp, fromNodeMiddleware, toNodeListener } from "h3-1";
import Koa from "koa";
import bodyParser from "koa-bodyparser";
import { afterEach, describe, expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import { chunked, FORM, head, PATH, signBody, signing, whole } from "./messages.ts";

/** A way to mount what toNodeHandler makes: resolves to a server that does not listen yet. */
type Mount = (listener: RequestListener) => Server | Promise<Server>;

const keepBytes = {
  verify: (request: object, _: unknown, rawBody: Buffer) => void Object.assign(request, { rawBody }),
};

const mounts: Readonly<Record<string, Mount>> = {
  "node:http": (listener) => createHttpServer(listener),
  "Express 4": (listener) => createHttpServer(express4().post(PATH, listener)),
  "Express 5": (listener) => createHttpServer(express().post(PATH, listener)),
  "Express 5, within a Router": (listener) =>
    createHttpServer(express().use("/webhooks", express.Router().post("/copernica", listener))),
  "Express 4, within a Router": (listener) =>
    createHttpServer(express4().use("/webhooks", express4.Router().post("/copernica", listener))),
  "Express 5, after body parsers that keep the bytes": (listener) =>
    createHttpServer(express().use(express.json(keepBytes), express.urlencoded(keepBytes)).post(PATH, listener)),
  "Express 4, after body parsers that keep the bytes": (listener) =>
    createHttpServer(
      express4()
        .use(express4.json(keepBytes), express4.urlencoded({ extended: true, ...keepBytes }))
        .post(PATH, listener),
    ),
  "Express 5, after express.raw()": (listener) =>
    createHttpServer(
      express()
        .use(express.raw({ type: "*/*" }))
        .post(PATH, listener),
    ),
  "Express 4, after express.raw()": (listener) =>
    createHttpServer(
      express4()
        .use(express4.raw({ type: "*/*" }))
        .post(PATH, listener),
    ),
  "Express 5, after express.text()": (listener) =>
    createHttpServer(
      express()
        .use(express.text({ type: "*/*" }))
        .post(PATH, listener),
    ),
  async Fastify(listener) {
    const app = fastify();
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
      scope.post(PATH, async (request, reply) => {
        reply.hijack();
        await listener(request.raw, reply.raw as never);
      });
    });
    await app.ready();
    return app.server;
  },
  Koa(listener) {
    const app = new Koa().use(async (context) => {
      context.respond = false;
      await listener(context.req, context.res as never);
    });
    return createHttpServer(app.callback());
  },
  "Koa, after bodyParser()": (listener) => {
    const app = new Koa().use(bodyParser()).use(async (context) => {
      context.respond = false;
      await listener(Object.assign(context.req, { rawBody: context.request.rawBody }), context.res as never);
    });
    return createHttpServer(app.callback());
  },
  "h3 1, which is in Nitro 2 and Nuxt": (listener) =>
    createHttpServer(toNodeListener(createApp().use(PATH, fromNodeMiddleware(listener as never)))),
  "what kept the bytes in rawBody, as serverless platforms do": (listener) =>
    createHttpServer(async (request, response) => {
      const parts: Uint8Array[] = [];
      for await (const part of request) parts.push(part);
      listener(Object.assign(request, { rawBody: Buffer.concat(parts), body: {} }), response as never);
    }),
};

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server | Promise<Server>): Promise<number> {
  const listening = await server;
  running.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return (listening.address() as AddressInfo).port; // as that of a server on TCP is
}

const options = {
  account: signing.account,
  verify: { resolveTxt: async () => signing.records },
  onError() {},
  onWarning() {},
};

const form = encodeForm(samples["profile.create"]);

describe.each(Object.entries(mounts))("on %s", (_, mount) => {
  async function start(more: WebhookOptions<NodePlatform> = {}) {
    const seen: unknown[] = [];
    const listener = toNodeHandler(
      createWebhookHandler({
        ...options,
        onProfileCreate(event, { platform: [request], url }) {
          seen.push([event.profile, url.pathname + url.search, request.socket.remoteAddress]);
        },
        ...more,
      }),
    );
    const port = await listen(mount(listener));
    const connection = await openConnection(port);
    return { port, seen, connection };
  }

  test.each([
    ["a form", FORM, form],
    ["JSON", "application/json", JSON.stringify(samples["profile.create"])],
  ])("a signed event in %s reaches its callback, which sees request and URL", async (_, contentType, body) => {
    const { connection, seen } = await start();
    await connection.send(whole(await signBody({ body, contentType, target: `${PATH}?a=%20b` })));
    const answer = await connection.answer();
    expect([answer?.status, answer?.body, answer?.headers.get("content-length")]).toEqual([200, "", "0"]);
    expect(seen).toEqual([[4211, `${PATH}?a=%20b`, "127.0.0.1"]]);
  });

  test("a body in chunks does too", async () => {
    const { connection, seen } = await start();
    const { headers, body } = await signBody({ body: form });
    const { "content-length": _, ...others } = headers;
    await connection.send(head({ headers: { ...others, "transfer-encoding": "chunked" } }));
    for (const part of chunked(body, 10)) await connection.send(part);
    expect((await connection.answer())?.status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  test("a body that arrives in pieces does too", async () => {
    const { connection, seen } = await start();
    const { headers, body } = await signBody({ body: form });
    await connection.send(head({ headers }));
    for (let start = 0; start < body.length; start += 50) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await connection.send(body.subarray(start, start + 50));
    }
    expect((await connection.answer())?.status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  test("a stranger is answered 401, and the connection goes on", async () => {
    const { connection, seen } = await start();
    await connection.send(whole({ body: form }));
    const refusal = await connection.answer();
    expect(refusal?.status).toBe(401);
    expect(refusal?.headers.get("content-type")).toBe("application/problem+json");
    expect(JSON.parse(refusal?.body ?? "")).toMatchObject({ status: 401, code: "invalid_signature_header" });
    await connection.send(whole(await signBody({ body: form })));
    expect((await connection.answer())?.status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  test("a signature over one Host, Date or account does not verify if two came", async () => {
    for (const name of ["date", "digest", "x-copernica-id", "x-nonce"]) {
      const { connection, seen } = await start();
      const { headers, body } = await signBody({ body: form });
      const twice = whole({ headers, body }).toString("latin1").replace(`\r\n${name}: `, `\r\n${name}: x\r\n${name}: `);
      await connection.send(Buffer.from(twice, "latin1"));
      expect([name, (await connection.answer())?.status]).toEqual([name, 401]);
      expect(seen).toEqual([]);
    }
    const { connection } = await start();
    const { headers, body } = await signBody({ body: form });
    await connection.send(whole({ headers, body }).toString("latin1").replace("\r\nhost: ", "\r\nHost: x\r\nhost: "));
    expect((await connection.answer())?.status).toBe(400);
  });

  test("a malformed Host is answered 400, and an absolute target is no way around a signature", async () => {
    for (const host of ["[", "a b", "a@b", "x#", "a/b"]) {
      const { connection } = await start();
      await connection.send(whole({ headers: { host }, body: form }));
      const answer = await connection.answer();
      expect([host, answer?.status, JSON.parse(answer?.body ?? "{}").code]).toEqual([host, 400, "invalid_host"]);
    }
  });
});

describe("through https", () => {
  test("a signed event reaches its callback, which sees an https URL", async () => {
    const seen: string[] = [];
    const listener = toNodeHandler(
      createWebhookHandler({ ...options, onProfileCreate: (_, { url }) => seen.push(url.protocol) }),
    );
    // A key that both know stands in for a certificate.
    const psk = Buffer.alloc(32, "k");
    const tls = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
    const server = createHttpsServer({ ...tls, pskCallback: () => psk }, listener);
    const port = await listen(server);
    const { headers, body } = await signBody({ body: form });
    const client = { pskCallback: () => ({ psk, identity: "copernica" }), checkServerIdentity: () => undefined };
    const request = { ...tls, ...client, port, host: "127.0.0.1", path: PATH, method: "POST", headers };
    const status = await new Promise((resolve, reject) => {
      httpsRequest(request, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end(body);
    });
    expect(status).toBe(200);
    expect(seen).toEqual(["https:"]);
  });
});

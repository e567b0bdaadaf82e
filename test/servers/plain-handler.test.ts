import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createWebhookHandler, InvalidOptionError } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import express from "express";
import express4 from "express4";
import fastify from "fastify";
import Koa from "koa";
import { afterEach, describe, expect, test } from "vitest";
import { openConnection } from "./connection.ts";
import { PATH, signBody, whole } from "./messages.ts";

let running: Server | undefined;
afterEach(() => {
  running?.closeAllConnections();
  running?.close();
});

async function answerOf(server: Server) {
  running = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const connection = await openConnection((server.address() as AddressInfo).port); // as that of a server on TCP is
  await connection.send(whole(await signBody({ body: "type=create" })));
  const answer = await connection.answer();
  connection.destroy();
  return answer;
}

const errors: string[] = [];
// Passed where types do not tell, as in JavaScript.
const handler = createWebhookHandler({
  account: 1234,
  onUnhandled() {},
  onError: (error) => errors.push(error.message),
}) as never;

describe("a handler that is given to a server of Node's as it is says how to do it, and leaves no client waiting:", () => {
  test.each<[string, () => Server | Promise<Server>]>([
    ["http.createServer", () => createServer(handler)],
    ["Express 5", () => createServer(express().post(PATH, handler))],
    ["Express 4", () => createServer(express4().post(PATH, handler))],
    ["Express 5, as middleware", () => createServer(express().use(handler))],
    ["Koa", () => createServer(new Koa().use(handler).callback())],
    [
      "Fastify",
      async () => {
        const app = fastify();
        app.addContentTypeParser("*", (_request, _payload, done) => done(null));
        app.post(PATH, handler);
        await app.ready();
        return app.server;
      },
    ],
  ])("%s", async (_, start) => {
    errors.length = 0;
    const answer = await answerOf(await start());
    expect([answer?.status, answer?.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(JSON.parse(answer?.body ?? "")).toMatchObject({ status: 500, code: "internal_error" });
    expect(errors).toEqual([expect.stringContaining('toNodeHandler(handler) of "copernica-webhooks/node"')]);
  });
});

describe("toNodeHandler", () => {
  test.each([
    ["nothing", undefined, "undefined"],
    ["a function of another's", () => new Response(), "a function"],
    ["options", { account: 1234 }, "an object"],
    ["what it made itself", toNodeHandler(handler), "a function"],
  ])("refuses %s", (_, given, got) => {
    const message = `toNodeHandler: handler must be what createWebhookHandler made; got ${got}.`;
    expect(() => toNodeHandler(given as never)).toThrow(new InvalidOptionError(message));
  });

  test("says so if it is called with a framework's own request and response", async () => {
    const app = fastify();
    app.addContentTypeParser("*", (_request, _payload, done) => done(null));
    app.post(PATH, toNodeHandler(handler) as never); // which does not compile, as it should
    await app.ready();
    const answer = await answerOf(app.server);
    expect(answer?.status).toBe(500);
    expect(answer?.body).toContain("must be Node's own: request.raw and reply.raw in Fastify");
  });
});

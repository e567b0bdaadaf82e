import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import express from "express";
import express4 from "express4";
import fastify from "fastify";
import { expectTypeOf } from "vitest";
import { integer, text } from "../../src/fields.ts";
import {
  collection,
  createWebhookHandler,
  database,
  type WebhookContext,
  type WebhookHandler,
} from "../../src/index.ts";
import { type NodePlatform, type NodeRequest, toNodeHandler } from "../../src/node.ts";

interface Env {
  readonly COPERNICA_ACCOUNT: string;
}
interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}
interface Worker {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response>;
}
interface LooseWorker {
  fetch?: (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>;
}

interface Server {
  requestIP(request: Request): { readonly address: string } | null;
}
/** As Bun.serve is declared, but for its type parameters: with those, TypeScript has no context to infer from. */
interface BunLike {
  serve(options: { fetch(this: Server, request: Request, server: Server): Response | Promise<Response> }): void;
}

interface Info {
  readonly remoteAddr: { readonly hostname: string };
}
type ServeHandler = (request: Request, info: Info) => Response | Promise<Response>;
interface DenoLike {
  serve(handler: ServeHandler): void;
  serve(options: { readonly port: number }, handler: ServeHandler): void;
}

declare const bun: BunLike;
declare const deno: DenoLike;

// What a runtime passes is named: the callbacks see it, those of routes as well.
const named = createWebhookHandler<[Env, ExecutionContext]>({
  onProfileCreate(_event, context) {
    expectTypeOf(context).toEqualTypeOf<WebhookContext<[Env, ExecutionContext]>>();
    expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
  },
  onEvent(_event, context) {
    expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
  },
  onUnhandled(_event, context) {
    expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
  },
  onError(_error, context) {
    expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
  },
  databases: [
    database(12, {
      fields: { age: integer() },
      onProfileCreate(event, context) {
        expectTypeOf(event.fields).toEqualTypeOf<{ readonly age: number | null }>();
        expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
      },
      collections: [
        collection(3, {
          fields: { orderId: text() },
          onSubprofileCreate(event, context) {
            expectTypeOf(event.fields).toEqualTypeOf<{ readonly orderId: string | null }>();
            expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
          },
        }),
      ],
    }),
  ],
});
expectTypeOf(named).toEqualTypeOf<WebhookHandler<[Env, ExecutionContext]>>();
expectTypeOf(named).parameters.toEqualTypeOf<[Request, Env, ExecutionContext]>();

/** A route with no callbacks that ask for a platform, made elsewhere, as a generated one is. */
const ready = database(4, { fields: { age: integer() }, collections: [collection(5, {})] });

// Written where the type of `fetch` is known, the platform follows from that, and needs no name.
({
  fetch: createWebhookHandler({
    onProfileCreate(event, context) {
      expectTypeOf(event.profile).toEqualTypeOf<number>();
      expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
    },
    databases: [
      ready,
      database(12, {
        fields: { age: integer() },
        interests: ["newsletter"],
        onProfileCreate(event, context) {
          expectTypeOf(event.fields).toEqualTypeOf<{ readonly age: number | null }>();
          expectTypeOf(event.interests).toEqualTypeOf<{ readonly newsletter: boolean }>();
          expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
        },
        collections: [
          collection(3, {
            fields: { orderId: text() },
            onSubprofileCreate(event, context) {
              expectTypeOf(event.fields).toEqualTypeOf<{ readonly orderId: string | null }>();
              expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
            },
          }),
        ],
      }),
    ],
  }),
}) satisfies Worker;

({
  fetch: createWebhookHandler({
    databases: [ready],
    onEvent(_event, context) {
      expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
    },
  }),
}) satisfies LooseWorker;

bun.serve({
  fetch: createWebhookHandler({
    onProfileCreate(_event, context) {
      expectTypeOf(context.platform).toEqualTypeOf<[Server]>();
    },
    databases: [
      database(12, {
        onProfileCreate(_event, context) {
          expectTypeOf(context.platform).toEqualTypeOf<[Server]>();
        },
      }),
    ],
  }),
});

deno.serve(
  createWebhookHandler({
    onProfileCreate(_event, context) {
      expectTypeOf(context.platform).toEqualTypeOf<[Info]>();
    },
    databases: [
      database(12, {
        onProfileCreate(_event, context) {
          expectTypeOf(context.platform).toEqualTypeOf<[Info]>();
        },
      }),
    ],
  }),
);
deno.serve(
  { port: 8000 },
  createWebhookHandler({
    onProfileCreate(_event, context) {
      expectTypeOf(context.platform).toEqualTypeOf<[Info]>();
    },
  }),
);

// A handler that asks for nothing fits every runtime; its callbacks know nothing of the platform, and that it is no any.
const handler = createWebhookHandler({
  onProfileCreate(_event, context) {
    expectTypeOf(context.platform).toEqualTypeOf<readonly unknown[]>();
  },
});
expectTypeOf(handler).toEqualTypeOf<WebhookHandler>();
bun.serve({ fetch: handler });
deno.serve(handler);
deno.serve({ port: 8000 }, handler);
({ fetch: handler }) satisfies Worker;
({ fetch: handler }) satisfies LooseWorker;
expectTypeOf(handler).toExtend<(request: Request) => Promise<Response>>();
expectTypeOf(handler(new Request("https://example.com"))).toEqualTypeOf<Promise<Response>>();

// One that asks for a platform fits that runtime alone.
({ fetch: named }) satisfies Worker;
// @ts-expect-error: Bun passes no Env
bun.serve({ fetch: named });
// @ts-expect-error: Deno passes no Env
deno.serve(named);
// @ts-expect-error: the platform must be passed
named(new Request("https://example.com"));

// So does a route that asks for one.
const forWorkers = database(12, {
  onProfileCreate(_event, context: WebhookContext<[Env, ExecutionContext]>) {
    expectTypeOf(context.platform).toEqualTypeOf<[Env, ExecutionContext]>();
  },
});
createWebhookHandler<[Env, ExecutionContext]>({ databases: [forWorkers, ready] });
createWebhookHandler<[Info]>({
  databases: [
    // @ts-expect-error: Deno passes no Env
    forWorkers,
    ready,
  ],
});

// Where nothing says what the platform is, a route that asks for one is told so, not silently believed.
createWebhookHandler({
  databases: [
    // @ts-expect-error: name the platform, createWebhookHandler<[Env, ExecutionContext]>
    forWorkers,
  ],
});

// Node's servers pass request and response. Made on the spot, the callbacks see them, those of routes as well.
const listener = toNodeHandler(
  createWebhookHandler({
    onProfileCreate(event, context) {
      expectTypeOf(event.profile).toEqualTypeOf<number>();
      expectTypeOf(context.platform).toEqualTypeOf<NodePlatform>();
      expectTypeOf(context.platform[0].socket.remoteAddress).toEqualTypeOf<string | undefined>();
    },
    databases: [
      ready,
      database(12, {
        onProfileCreate(_event, context) {
          expectTypeOf(context.platform).toEqualTypeOf<NodePlatform>();
        },
      }),
    ],
  }),
);
createServer(listener);
createHttpsServer({}, listener);
createHttp2Server(listener);
express().post("/hook", listener).use(listener);
express4().post("/hook", listener).use(listener);
express.Router().all("/hook", listener);
expectTypeOf(listener).toExtend<RequestListener>();

// Made before, it is named, with more of Node's types if they are wanted; or the callbacks know nothing of it.
createServer(toNodeHandler(createWebhookHandler<NodePlatform>({})));
createServer(toNodeHandler(handler));
const detailed = createWebhookHandler<[IncomingMessage, ServerResponse]>({
  onProfileCreate(_event, context) {
    expectTypeOf(context.platform[0].httpVersion).toEqualTypeOf<string>();
  },
});
createServer(toNodeHandler(detailed));
const http2 = toNodeHandler(createWebhookHandler<[Http2ServerRequest, Http2ServerResponse]>({}));
createHttp2Server(http2);
express().post("/hook", toNodeHandler(createWebhookHandler<[express.Request, express.Response]>({})));
// @ts-expect-error: that is HTTP/2's
createServer(http2);
// @ts-expect-error: Node passes no Env
toNodeHandler(named);
// @ts-expect-error: it takes a handler
toNodeHandler({});

// What frameworks make of request and response is not Node's own.
const app = fastify();
// @ts-expect-error: request.raw and reply.raw
app.post("/hook", listener);
app.post("/hook", async (request, reply) => await listener(request.raw, reply.raw));
expectTypeOf<IncomingMessage>().toExtend<NodeRequest>();

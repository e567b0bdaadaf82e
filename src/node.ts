/**
 * Receives Copernica's webhooks with Node's own servers, and the frameworks that stand on them: `node:http`, `node:https`,
 * HTTP/2, Express, Fastify, Koa, Next's API routes.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createWebhookHandler } from "copernica-webhooks";
 * import { toNodeHandler } from "copernica-webhooks/node";
 *
 * const handler = createWebhookHandler({
 *   account: 1234,
 *   onProfileCreate(event) { console.log(event.profile, event.fields.email); },
 * });
 *
 * createServer(toNodeHandler(handler)).listen(3000);
 * ```
 *
 * @module
 */

export { type NodeHandler, type NodePlatform, toNodeHandler } from "./node/handler.ts";
export type { NodeRequest, NodeResponse, NodeSocket } from "./node/message.ts";

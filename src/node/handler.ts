import { answerOf } from "../handler/call.ts";
import type { WebhookHandler } from "../handler/handler.ts";
import { invalidOption } from "../options/settle.ts";
import { writeAnswer } from "./answer.ts";
import { NodeCall } from "./call.ts";
import type { IncomingStream, NodeRequest, NodeResponse, OutgoingStream } from "./message.ts";

/** What callbacks find in `context.platform` under Node's servers: the request and the response. */
export type NodePlatform = [request: NodeRequest, response: NodeResponse];

/**
 * What Node's servers call with a request and its response. Resolves once the answer is written, and never rejects.
 *
 * @typeParam Platform The types of request and response.
 */
export type NodeHandler<Platform extends readonly [NodeRequest, NodeResponse] = NodePlatform> = (
  request: Platform[0],
  response: Platform[1],
) => Promise<void>;

/**
 * Makes of a handler what Node's servers call, and the frameworks that stand on them: for `http.createServer`, HTTP/2's
 * compatibility API, Express's `app.post`, Next's API routes. Elsewhere, call it with Node's own request and response: in
 * Fastify with `request.raw` and `reply.raw`, in Koa with `context.req` and `context.res`.
 *
 * It reads method, target, headers and bytes straight from the request, and answers every request. If something before it
 * read the body, it takes the bytes from `request.rawBody` or `request.body`; a body that was parsed is refused, and the
 * warning says what to change.
 *
 * @param handler What `createWebhookHandler` made. Made on the spot, its callbacks see {@link NodePlatform}; made before,
 * name it: `createWebhookHandler<NodePlatform>({ … })`.
 * @returns The function; it resolves once the answer is written, and never rejects.
 * @throws {InvalidOptionError} If it is no handler of this package's.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createWebhookHandler } from "copernica-webhooks";
 * import { type NodePlatform, toNodeHandler } from "copernica-webhooks/node";
 *
 * const listener = toNodeHandler(
 *   createWebhookHandler<NodePlatform>({
 *     account: 1234,
 *     onProfileCreate(event, { platform: [request] }) {
 *       console.log(event.profile, request.socket.remoteAddress);
 *     },
 *   }),
 * );
 *
 * createServer(listener).listen(3000);
 * ```
 */
export function toNodeHandler(handler: WebhookHandler<NodePlatform>): NodeHandler<NodePlatform>;
/**
 * The same, for callbacks that see more of request and response than {@link NodePlatform} has.
 *
 * @typeParam Platform The types of request and response: `[IncomingMessage, ServerResponse]`.
 * @param handler What `createWebhookHandler<Platform>` made.
 * @returns The function; it resolves once the answer is written, and never rejects.
 * @throws {InvalidOptionError} If it is no handler of this package's.
 */
export function toNodeHandler<Platform extends readonly [NodeRequest, NodeResponse]>(
  handler: WebhookHandler<Platform>,
): NodeHandler<Platform>;
export function toNodeHandler<Platform extends readonly [NodeRequest, NodeResponse]>(
  handler: WebhookHandler<Platform>,
): NodeHandler<Platform> {
  const answer = typeof handler === "function" ? answerOf(handler) : undefined;
  if (answer === undefined) throw invalidOption("toNodeHandler: handler", "what createWebhookHandler made", handler);
  return async (request, response) => {
    if (typeof response?.writeHead !== "function") {
      const expected = "Node's own: request.raw and reply.raw in Fastify, context.req and context.res in Koa";
      throw invalidOption("What toNodeHandler made is called with a request and a response, which", expected, response);
    }
    const incoming = request as IncomingStream; // as those are that Node makes, whatever was put around them
    const outgoing = response as OutgoingStream;
    const call = new NodeCall(incoming, outgoing);
    const given = await answer(call, [request, response]);
    await writeAnswer(incoming, outgoing, given, call.hasBody);
  };
}

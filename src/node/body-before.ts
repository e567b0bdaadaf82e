import { RequestError } from "../errors.ts";
import type { IncomingStream } from "./message.ts";

const encoder = new TextEncoder();

/**
 * Takes the bytes of a body that something before this read, and kept: `rawBody` of serverless platforms and Nest, or `body`
 * of express.raw(). Undefined if nobody read it yet.
 *
 * @throws {RequestError} If it was read and the bytes are gone. The message says what to change, in the framework's terms.
 */
export function takeBody(request: IncomingStream): Uint8Array | undefined {
  const { rawBody, body } = request;
  for (const kept of [rawBody, body]) {
    if (kept instanceof Uint8Array) return kept;
    if (typeof kept === "string") return encoder.encode(kept);
  }
  if (request.readableDidRead || request.readableEncoding)
    throw new RequestError("body_used", explainBodyUsed(request));
  return undefined;
}

/** What to change so that the body is left to the handler, or its bytes are kept for it. */
function explainBodyUsed(request: IncomingStream): string {
  const what = "Something in the receiver read the body first, and a signature is about its bytes.";
  if ("previewData" in request) {
    return `${what} In this API route of Next: export const config = { api: { bodyParser: false } };`;
  }
  if ("baseUrl" in request) {
    return `${what} In Express: mount the handler before express.json() and express.urlencoded(), or have each of them keep the bytes: express.json({ verify(req, res, buffer) { req.rawBody = buffer } }).`;
  }
  return `${what} In Fastify: give the route a scope of its own, with scope.removeAllContentTypeParsers() and scope.addContentTypeParser("*", (request, payload, done) => done(null)). In Koa: mount the handler before bodyParser(), or give it the text: context.req.rawBody = context.request.rawBody. Elsewhere: keep the bytes in request.rawBody.`;
}

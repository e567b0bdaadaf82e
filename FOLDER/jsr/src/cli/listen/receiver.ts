import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { DEFAULT_MAX_BODY_BYTES } from "../../handler/settings.ts";
import type { Call } from "../call/call.ts";
import { pairs } from "../call/post.ts";

/** What a caller is answered. */
export interface Reply {
  /** The status. */
  readonly status: number;
  /** The headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body: Uint8Array;
}

/** Makes the server that takes calls as they come, and answers them. */
export function createReceiver(receive: (call: Call) => Promise<Reply>): Server {
  return createServer(async (request, response) => {
    try {
      const body = await readBytes(request);
      if (body === undefined) return answer(response, tooLarge);
      const { method = "GET", url: target = "/", rawHeaders } = request;
      answer(response, await receive({ method, target, headers: pairs(rawHeaders), body }));
    } catch {
      response.destroy(); // the caller went away in the middle of its call: there is nobody to tell
    }
  });
}

/** Reads a body; undefined if it is larger than this package's handler takes. */
async function readBytes(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Uint8Array = chunk; // no encoding was set
    length += bytes.byteLength;
    if (length > DEFAULT_MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Headers that are the connection's own, not the answer's. */
const CONNECTION_HEADERS = /^(?:connection|keep-alive|transfer-encoding|content-length|date|upgrade|trailer)$/i;

function answer(response: ServerResponse, { status, headers, body }: Reply): void {
  for (const [name, value] of headers) if (!CONNECTION_HEADERS.test(name)) response.appendHeader(name, value);
  response.writeHead(status).end(body);
}

/** An answer that says in a problem document what is wrong (RFC 9457). */
export function problemReply(status: number, code: string, detail: string): Reply {
  const body = new TextEncoder().encode(JSON.stringify({ status, code, detail }));
  return { status, headers: [["content-type", "application/problem+json"]], body };
}

const tooLarge = problemReply(413, "body_too_large", `The body has more than ${DEFAULT_MAX_BODY_BYTES} bytes.`);

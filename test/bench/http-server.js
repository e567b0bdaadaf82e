/**
 * A server of the runtime that it runs on: node:http, Bun.serve or Deno.serve. Its parameters say what it does with each call,
 * and where the deliveries are that it is sent.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { toNodeHandler } from "../../dist/node.js";
import { createSignatureFloor, iterate } from "./floors.js";
import { createSigned, createUnsigned } from "./sdk.js";

const [does, path] = process.argv.slice(2);
const port = Number(process.env.PORT);
const fixture = JSON.parse(readFileSync(path, "utf8"));
const runtime = globalThis.Bun ? "bun" : globalThis.Deno ? "deno" : "node";
const isGenuine = createSignatureFloor(fixture);
const decoder = new TextDecoder();

/** What each server does with a call, by the way that its runtime hands calls over. */
const doers = {
  /** Reads the body and iterates URLSearchParams. */
  floor: {
    fetch: () => async (request) => {
      iterate(await request.text());
      return new Response(null, { status: 200 });
    },
    node: () => (request, response) =>
      readBody(request, (body) => {
        iterate(body.toString());
        response.end();
      }),
  },
  /** Does that, and before it compares the digest and verifies the signature of a string that was made before. */
  "signed-floor": {
    fetch: () => async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      if (!isGenuine(body, request.headers.get("digest"), request.headers.get("x-nonce"))) {
        return new Response(null, { status: 401 });
      }
      iterate(decoder.decode(body));
      return new Response(null, { status: 200 });
    },
    node: () => (request, response) =>
      readBody(request, (body) => {
        const { digest, "x-nonce": nonce } = request.headers;
        response.statusCode = isGenuine(body, digest, nonce) ? 200 : 401;
        iterate(body.toString());
        response.end();
      }),
  },
  ours: { fetch: createUnsigned, node: () => toNodeHandler(createUnsigned()) },
  "ours-signed": { fetch: () => createSigned(fixture), node: () => toNodeHandler(createSigned(fixture)) },
};

function readBody(request, act) {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => act(parts.length === 1 ? parts[0] : Buffer.concat(parts)));
}

const handler = doers[does][runtime === "node" ? "node" : "fetch"]();
if (runtime === "bun") globalThis.Bun.serve({ port, fetch: (request) => handler(request) });
else if (runtime === "deno") {
  // The tool cuts its connections off in the end, which the floor does not expect.
  const onError = () => new Response(null, { status: 500 });
  globalThis.Deno.serve({ port, onListen() {}, onError }, (request) => handler(request));
} else createServer(handler).listen(port);

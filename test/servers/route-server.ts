/**
 * Serves the example that its parameter names as its framework would, where that can't run here: Astro asks for a newer Node than
 * the tests do, and Lambda is a service. Calls what the example exports with what the framework passes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";
import { serve } from "srvx";

const port = Number(process.env.PORT);

/** What each framework does with a request. */
const frameworks: Readonly<Record<string, () => Promise<unknown>>> = {
  /** Astro calls the function that is named after the method with a context. */
  async astro() {
    const { POST } = await import("../../examples/astro.ts");
    serve({ port, fetch: (request) => POST(Object.assign({ request }, { params: {}, locals: {}, site: undefined })) });
  },

  /** Lambda calls `handler` with an event, and makes the answer of what that returns. */
  async lambda() {
    const { handler } = await import("../../examples/lambda.ts");
    listen(async (request, response) => {
      const parts: Uint8Array[] = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts);
      const { method = "", url = "", headers } = request;
      const { pathname, search } = new URL(url, "http://127.0.0.1");
      const {
        statusCode,
        headers: answered,
        body: answer,
      } = await handler({
        rawPath: pathname,
        rawQueryString: search.slice(1),
        headers: headers as Record<string, string>, // but for Set-Cookie, which no client sends
        // Which bodies come in base64 is Lambda's affair: forms do, JSON does not.
        isBase64Encoded: headers["content-type"] !== "application/json",
        ...(body.length > 0 && {
          body: body.toString(headers["content-type"] === "application/json" ? "utf8" : "base64"),
        }),
        requestContext: { domainName: "127.0.0.1", http: { method } },
      });
      response.writeHead(statusCode, answered).end(answer);
    });
  },
};

await frameworks[process.argv[2] ?? ""]?.();

function listen(listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void {
  const server = createServer(listener).listen(port, () => console.log("Listening on", server.address()));
}

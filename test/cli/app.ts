import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { createWebhookHandler, resolveTxtOverHttps } from "copernica-webhooks";
import { afterAll } from "vitest";
import { freePort } from "../fixtures/free-port.ts";

/** An app that receives events, as its developer runs it. */
export interface App {
  /** Where it receives them. */
  readonly url: string;
  /** The events that it received, by name, each with its fields. */
  readonly events: readonly { readonly name: string; readonly raw: Readonly<Record<string, unknown>> }[];
  /** The Host headers that it saw. */
  readonly hosts: readonly (string | undefined)[];
  readonly close: () => Promise<void>;
}

/** Starts an app that accepts the development key, with the one line of code that keys serve prints. */
export function startApp(dnsPort: number, port = 0): Promise<App> {
  const events: { name: string; raw: Readonly<Record<string, unknown>> }[] = [];
  const handler = createWebhookHandler({
    account: 1234,
    verify: { resolveTxt: resolveTxtOverHttps(`http://127.0.0.1:${dnsPort}/dns-query`) },
    onEvent: ({ name, raw }) => events.push({ name, raw }),
    onError() {},
    onWarning() {},
  });
  return serve(handler, events, port);
}

/** Starts an app that runs as long as the tests of a file do; tells the port at which it looks up the development key, too. */
export async function appForTests(): Promise<{ readonly app: App; readonly dnsPort: string }> {
  const port = await freePort();
  const app = await startApp(port);
  afterAll(() => app.close());
  return { app, dnsPort: String(port) };
}

/** Starts an app that believes everybody. */
export function startTrustingApp(): Promise<App> {
  return serve(async (request) => {
    await request.arrayBuffer();
    return new Response(null, { status: 200 });
  }, []);
}

async function serve(handler: (request: Request) => Promise<Response>, events: App["events"], port = 0): Promise<App> {
  const hosts: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    hosts.push(request.headers.host);
    try {
      const { status, headers, body } = await answer(request, handler);
      response.writeHead(status, headers).end(body);
    } catch {
      response.destroy(); // the caller went away
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: taken } = server.address() as AddressInfo; // it listens at a port
  return {
    url: `http://127.0.0.1:${taken}/copernica`,
    events,
    hosts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(request: IncomingMessage, handler: (request: Request) => Promise<Response>) {
  const headers = new Headers();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index] ?? "", request.rawHeaders[index + 1] ?? "");
  }
  const { method = "GET", url = "/" } = request;
  const body = method === "POST" ? { body: Readable.toWeb(request) as ReadableStream, duplex: "half" } : {};
  const response = await handler(
    new Request(new URL(url, `http://${request.headers.host}`), { method, headers, ...body } as RequestInit),
  );
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

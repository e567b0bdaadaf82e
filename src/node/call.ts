import type { BodyBounds } from "../handler/body.ts";
import type { Call } from "../handler/call.ts";
import { readBody } from "./body.ts";
import { type HeaderValues, makeHeaders, readHeaders } from "./headers.ts";
import type { IncomingStream, OutgoingStream } from "./message.ts";

/** The host of a URL if none came, which HTTP/1.0 allows. */
const DEFAULT_HOST = "localhost";

/** The call that a request of Node's is: what nobody asks for is never made. */
export class NodeCall implements Call {
  readonly #request: IncomingStream;
  readonly #response: OutgoingStream;
  #values: HeaderValues | undefined;
  #headers: Headers | undefined;
  #url: string | undefined;
  #signal: AbortSignal | undefined;
  /** Whether the whole body was read. */
  hasBody = false;

  constructor(request: IncomingStream, response: OutgoingStream) {
    this.#request = request;
    this.#response = response;
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  /** The request target as it came, since that is what was signed, made whole as servers make it whole for fetch. */
  get url(): string {
    if (this.#url !== undefined) return this.#url;
    const { originalUrl, url, socket } = this.#request;
    const target = originalUrl ?? url ?? "/";
    const isAbsolute = !target.startsWith("/") && /^https?:\/\//i.test(target);
    const origin = `${socket?.encrypted ? "https" : "http"}://${this.getHeader("host") ?? DEFAULT_HOST}`;
    this.#url = isAbsolute ? target : `${origin}${target.startsWith("/") ? "" : "/"}${target}`;
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= makeHeaders(this.#readHeaders());
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#signal ??= watchClient(this.#request, this.#response);
    return this.#signal;
  }

  getHeader(name: string): string | null {
    const values = this.#readHeaders();
    // HTTP/2 has the host in a pseudo-header.
    return values.get(name) ?? (name === "host" ? values.get(":authority") : undefined) ?? null;
  }

  async readBody(bounds: BodyBounds): Promise<Uint8Array> {
    const body = await readBody(this.#request, this.#response, (name) => this.getHeader(name), bounds);
    this.hasBody = true;
    return body;
  }

  #readHeaders(): HeaderValues {
    this.#values ??= readHeaders(this.#request);
    return this.#values;
  }
}

/** A signal that is aborted when the client goes away before it is answered. */
function watchClient(request: IncomingStream, response: OutgoingStream): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (!response.writableEnded) controller.abort();
  };
  if (request.aborted || response.destroyed) abort();
  else response.once("close", abort);
  return controller.signal;
}

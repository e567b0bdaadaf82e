import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { reasonOf } from "../frame/exit.ts";
import type { Call } from "./call.ts";

/** What came back of a call. */
export interface Answer {
  /** The status; undefined if no answer came. */
  readonly status: number | undefined;
  /** Why no answer came. */
  readonly failure: string | undefined;
  /** Whether no answer came in time. */
  readonly timedOut: boolean;
  /** The answer's headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The answer's body, its first {@link MAX_ANSWER_BYTES} bytes. */
  readonly body: Uint8Array;
  /** How long it took, in milliseconds. */
  readonly milliseconds: number;
}

/** How much of an answer is kept, in bytes. */
const MAX_ANSWER_BYTES = 256 * 1_024;

/** How a call is sent. */
export interface PostOptions {
  /** How long the answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What keeps connections open between calls. */
  readonly agent?: Agent | undefined;
  /** Aborted when nobody waits for the answer any longer. */
  readonly signal?: AbortSignal | undefined;
  /** Writes the body; all at once, if left out. */
  readonly write?: ((request: ClientRequest, body: Uint8Array) => void) | undefined;
}

/**
 * Sends a call, byte for byte, to a server; never rejects. Through `node:http`, since `fetch` replaces the Host header, which is
 * signed.
 */
export function post(call: Call, to: URL, options: PostOptions): Promise<Answer> {
  const started = performance.now();
  const { timeoutMs, write = (request, body) => request.end(body) } = options;
  return new Promise((resolve) => {
    let timedOut = false;
    function settle(answer: Pick<Answer, "status" | "failure" | "headers" | "body">): void {
      clearTimeout(timer);
      resolve({ ...answer, timedOut, milliseconds: performance.now() - started });
    }
    function fail(cause: unknown): void {
      settle({ status: undefined, failure: reasonOf(cause), headers: [], body: new Uint8Array() });
    }
    let request: ClientRequest | undefined;
    const timer = setTimeout(() => {
      timedOut = true;
      request?.destroy(new Error(`no answer came within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    try {
      request = openRequest(call, to, options);
    } catch (cause) {
      return fail(cause); // a stranger's header or target, which can't be sent on
    }
    request.on("error", fail);
    request.on("response", (response) => {
      collect(response).then((body) => {
        settle({ status: response.statusCode, failure: undefined, headers: pairs(response.rawHeaders), body });
      }, fail);
    });
    write(request, call.body);
  });
}

function openRequest(call: Call, to: URL, { agent, signal }: PostOptions): ClientRequest {
  const open = to.protocol === "https:" ? httpsRequest : httpRequest;
  return open({
    host: to.hostname.replace(/^\[|\]$/g, ""),
    port: to.port === "" ? undefined : to.port,
    method: call.method,
    path: call.target,
    headers: headersOf(call),
    setHost: false,
    agent,
    ...(signal && { signal }),
  });
}

/** Headers as `node:http` takes them: those that come twice as a list. */
function headersOf({ headers }: Call): Record<string, string | string[]> {
  const given = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const earlier = given.get(name);
    given.set(name, earlier === undefined ? value : [...(typeof earlier === "string" ? [earlier] : earlier), value]);
  }
  return Object.fromEntries(given);
}

async function collect(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes: Uint8Array = chunk; // no encoding was set
    if (length < MAX_ANSWER_BYTES) chunks.push(bytes.subarray(0, MAX_ANSWER_BYTES - length));
    length += bytes.byteLength;
  }
  return Buffer.concat(chunks);
}

/** Headers as `node:http` lists them, each name before its value, in pairs. */
export function pairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    found.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return found;
}

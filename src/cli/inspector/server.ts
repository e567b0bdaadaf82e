import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { headerOf } from "../call/call.ts";
import { isAccepted } from "../call/problem.ts";
import { curlCommand } from "../fixture/curl.ts";
import { vitestSource } from "../fixture/vitest.ts";
import { close, listenOnLoopback, splitTarget } from "../frame/loopback.ts";
import { attemptJson, receivedJson, shownVariables } from "../listen/present.ts";
import type { ReceivedCall } from "../listen/received.ts";
import type { Traffic } from "../listen/traffic.ts";
import { redactVariables } from "../terminal/redact.ts";
import { findNearMisses } from "../verify/near-misses.ts";
import { inspectorPage } from "./page.ts";

/** How much a replay may carry, in bytes. */
const MAX_REPLAY_BYTES = 4 * 1_024 * 1_024;

/** The inspector while it runs. */
export interface Inspector {
  /** Where it is, its token included: who has this can see and replay every call. */
  readonly url: string;
  /** Ends it. */
  readonly close: () => Promise<void>;
}

/** What the inspector shows. */
export interface InspectorSettings {
  /** The calls. */
  readonly traffic: Traffic;
  /** The URL at which calls come in. */
  readonly receiverUrl: string;
  /** Whether personal data is hidden. */
  readonly redacted: boolean;
}

/** Serves the inspector on loopback, at a port of its own: a tunnel leads to the receiver's. */
export async function serveInspector(port: number, settings: InspectorSettings): Promise<Inspector> {
  const token = randomBytes(18).toString("base64url");
  let origin = "";
  const server: Server = createServer((request, response) => {
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    const refusal = refuse(request, origin, token);
    if (refusal !== undefined) return answerJson(response, 403, { detail: refusal });
    answerRequest(request, response, settings).catch(() => response.destroy()); // the browser went away
  });
  origin = await listenOnLoopback(server, port);
  return { url: `${origin}/?token=${token}`, close: () => close(server) };
}

/**
 * Why a request is refused; undefined if it is not. A page of another site may make a browser ask here, also under a name of
 * its own that leads to loopback: it has another Host or Origin then, and not the token.
 */
function refuse({ headers, url = "/" }: IncomingMessage, origin: string, token: string): string | undefined {
  const { host } = new URL(origin);
  if (headers.host !== host && headers.host !== host.replace("127.0.0.1", "localhost"))
    return "The Host is another one.";
  const ownOrigin = headers.origin === undefined || headers.origin === `http://${headers.host}`;
  if (!ownOrigin) return "The Origin is another one.";
  const given = Buffer.from(splitTarget(url).parameters.get("token") ?? "");
  const expected = Buffer.from(token);
  const isToken = given.length === expected.length && timingSafeEqual(given, expected);
  return isToken ? undefined : "The token is missing: open the whole URL that listen prints.";
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  settings: InspectorSettings,
): Promise<void> {
  const { path } = splitTarget(request.url ?? "/");
  const [, number, action] = /^\/calls\/(\d{1,9})(\/replay)?$/.exec(path) ?? [];
  const received = number === undefined ? undefined : settings.traffic.find(Number(number));
  if (request.method === "GET" && path === "/") return answerPage(response);
  if (request.method === "GET" && path === "/calls") return streamCalls(response, settings);
  if (received === undefined) return answerJson(response, 404, { detail: "There is no such call." });
  if (request.method === "GET" && action === undefined) {
    return answerJson(response, 200, await describeCall(received, settings));
  }
  if (request.method === "POST" && action !== undefined) return await replay(request, response, received, settings);
  return answerJson(response, 405, { detail: "There is no such thing to do." });
}

function answerPage(response: ServerResponse): void {
  const nonce = randomBytes(16).toString("base64");
  const policy = [
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; img-src data:`,
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join("; ");
  response.setHeader("content-security-policy", policy);
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(inspectorPage(nonce));
}

function answerJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** Tells of all calls that are kept, and of each that comes, as server-sent events. */
function streamCalls(response: ServerResponse, { traffic }: InspectorSettings): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const tell = (received: ReceivedCall): void => {
    response.write(`event: call\ndata: ${JSON.stringify(row(received))}\n\n`);
  };
  for (const received of traffic.calls()) tell(received);
  response.on("close", traffic.watch(tell));
}

/** A call as the list shows it. */
function row(received: ReceivedCall): object {
  const { number, call, event, verification, attempts, isWaiting } = received;
  const [last] = attempts.slice(-1);
  const ids = ["profile", "subprofile", "database", "collection", "mailing"].flatMap((name) => {
    const id = event.variables?.[name];
    return typeof id === "string" ? [`${name} ${id.slice(0, 20)}`] : [];
  });
  return {
    number,
    time: new Date(call.receivedAt ?? 0).toTimeString().slice(0, 8),
    event: event.name.slice(0, 60),
    ids: ids.join("  "),
    verified: verification.verified,
    failed: verification.steps.find(({ outcome }) => outcome === "failed")?.name,
    state: isWaiting ? "wait" : last === undefined ? "faint" : isAccepted(last.answer) ? "good" : "bad",
    stateText: isWaiting ? "waits for the app" : last === undefined ? "" : `app ${last.answer.status ?? "unreachable"}`,
  };
}

/** A call with all that is known of it. */
async function describeCall(received: ReceivedCall, { receiverUrl, redacted }: InspectorSettings): Promise<object> {
  const { call, event, verification } = received;
  const variables = shownVariables(received, redacted);
  const account = Number(/\d{1,15}/.exec(headerOf(call, "x-copernica-id") ?? "")?.[0] ?? 1234);
  const { raw: _, ...typed } = event.event ?? { raw: undefined };
  return {
    ...receivedJson(received, redacted),
    typed: event.event === undefined || redacted ? undefined : typed,
    nearMisses: verification.verified ? [] : await findNearMisses(call, verification),
    curl: redacted ? undefined : curlCommand(call, `${receiverUrl}${call.target}`),
    test:
      variables === undefined
        ? undefined
        : vitestSource(event.name, redacted ? redactVariables(variables) : variables, account),
  };
}

async function replay(
  request: IncomingMessage,
  response: ServerResponse,
  received: ReceivedCall,
  { traffic }: InspectorSettings,
): Promise<void> {
  // A form of another site can't have this type.
  if (request.headers["content-type"] !== "application/json")
    return answerJson(response, 415, { detail: "Send JSON." });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Uint8Array = chunk; // no encoding was set
    length += bytes.byteLength;
    if (length > MAX_REPLAY_BYTES) return answerJson(response, 413, { detail: "The body is too large." });
    chunks.push(bytes);
  }
  const { body } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly body?: unknown }; // looked at below
  const answer = await traffic.replay(received, typeof body === "string" ? new TextEncoder().encode(body) : undefined);
  if (answer === undefined)
    return answerJson(response, 409, { detail: "There is no app to send it to: give listen --forward." });
  answerJson(response, 200, attemptJson({ at: Date.now(), signed: "anew", answer }));
}

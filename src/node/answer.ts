import type { Answer } from "../handler/answer.ts";
import type { IncomingStream, OutgoingStream } from "./message.ts";

/** As much of a body that nobody reads as is worth receiving to keep its connection, in bytes. */
const MAX_SKIPPED_BYTES = 64 * 1_024;

/** How much longer a refused client is listened to, so that it comes to read its answer: in milliseconds and in bytes. */
const LINGER_MS = 2_000;
const MAX_LINGER_BYTES = 16 * 1_024 * 1_024;

/** The error code of HTTP/2 that says that there was none. */
const NO_ERROR = 0;

const encoder = new TextEncoder();

/**
 * Writes an answer, in one go, and decides what becomes of the connection.
 *
 * @param hasBody Whether the body was read whole.
 */
export async function writeAnswer(
  request: IncomingStream,
  response: OutgoingStream,
  answer: Answer,
  hasBody: boolean,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  const { status, headers } = answer;
  if (answer.body === null) {
    // Node adds content-length: 0 by itself, in less time than it takes to give it headers.
    response.statusCode = status;
    response.end();
    return;
  }
  const body = encoder.encode(answer.body);
  const head = { ...headers, "content-length": body.byteLength };
  if (hasBody || !isToBeClosed(request, response)) {
    response.writeHead(status, head);
    response.end(body);
  } else if (request.httpVersionMajor === 1) {
    response.writeHead(status, { ...head, connection: "close" });
    response.write(body);
    response.flushHeaders(); // which an answer to HEAD has alone
    await skipRest(request);
    response.end();
  } else {
    response.writeHead(status, head);
    response.end(body);
    request.resume(); // or the stream waits for somebody to read what came
    response.stream?.close?.(NO_ERROR);
  }
}

/**
 * Whether a connection can't go on, since bytes of the body are still to come. A small rest is skipped by Node itself, if
 * nobody has read of it. A client that waits for 100 Continue in vain sends none, and Node closes its connection.
 */
function isToBeClosed({ complete, readableDidRead, headers }: IncomingStream, response: OutgoingStream): boolean {
  if (complete || (headers.expect !== undefined && response._sent100 === false)) return false;
  const declaredBytes = Number(headers["content-length"] ?? (headers["transfer-encoding"] ? Number.NaN : 0));
  return readableDidRead === true || !(declaredBytes <= MAX_SKIPPED_BYTES);
}

/**
 * Receives what a refused client still sends, for a while. A connection that is closed before makes the client's system throw
 * away the answer.
 */
function skipRest(request: IncomingStream): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, LINGER_MS);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.on("data", (part) => {
      bytes += part.byteLength;
      if (bytes > MAX_LINGER_BYTES) stop();
    });
    for (const end of ["end", "error", "close"] as const) request.on(end, stop);
    request.resume();
  });
}

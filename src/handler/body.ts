import { RequestError } from "../errors.ts";
import { withTimeout } from "../timeout.ts";
import { appendPart } from "./append-part.ts";
import { refuseBrokenBody, refuseLargeBody, refuseSlowBody, refuseUsedBody } from "./body-errors.ts";

/** What a body must keep to. */
export interface BodyBounds {
  /** The most bytes that it may have. */
  readonly maxBodyBytes: number;
  /** The longest that it may take to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number;
}

/** The part of a `Request` that its body is read from. */
export interface BodySource {
  /** The headers, of which Content-Length is held to. */
  readonly headers: Pick<Headers, "get">;
  /** Whether something read the body already. */
  readonly bodyUsed: boolean;
  /** The body; null if there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** Reads the body in one call. */
  readonly arrayBuffer?: () => Promise<ArrayBuffer>;
}

/** Whether one call reads a body faster than a reader. On Node only one of its own requests, and servers have an adapter's. */
const READS_WHOLE_FASTER = "Bun" in globalThis || "Deno" in globalThis;

/**
 * Reads the body of a request.
 *
 * @throws {RequestError} `body_used`: something read it first.
 * @throws {RequestError} `body_too_large`: it has more than `maxBytes`, or more than Content-Length declares.
 * @throws {RequestError} `body_interrupted`: it broke off.
 * @throws {RequestError} `body_timeout`: it took longer than `timeoutMs`.
 */
export async function readBody(
  request: BodySource,
  { maxBodyBytes: maxBytes, bodyTimeoutMs: timeoutMs }: BodyBounds,
): Promise<Uint8Array> {
  if (request.bodyUsed) throw refuseUsedBody();
  const declaredBytes = declaredLength(request);
  // It is left unread: the server knows best how to go on with its connection.
  if (declaredBytes !== undefined && declaredBytes > maxBytes) throw refuseLargeBody(maxBytes);
  const bytes = await (declaredBytes !== undefined && READS_WHOLE_FASTER && request.arrayBuffer !== undefined
    ? readWhole(request.arrayBuffer(), timeoutMs)
    : readStream(request.body, maxBytes, timeoutMs));
  if (declaredBytes === undefined || bytes.byteLength === declaredBytes) return bytes;
  if (bytes.byteLength > declaredBytes) throw refuseLargeBody(declaredBytes, "that Content-Length declares");
  // A body that ends well before its first byte came to its end in other hands.
  throw bytes.byteLength === 0
    ? refuseUsedBody()
    : refuseBrokenBody(`after ${bytes.byteLength} of the ${declaredBytes} bytes that Content-Length declares`);
}

/** What Content-Length declares, in bytes; undefined if it declares nothing. */
function declaredLength({ headers }: BodySource): number | undefined {
  const contentLength = headers.get("content-length");
  return contentLength !== null && /^\d+$/.test(contentLength) ? Number(contentLength) : undefined;
}

/**
 * Waits for a body that is read in one call: servers deliver no more of it than Content-Length declares, and take no request
 * that comes in chunks besides.
 */
async function readWhole(reading: Promise<ArrayBuffer>, timeoutMs: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await withTimeout(reading, timeoutMs, refuseSlowBody));
  } catch (cause) {
    throw failureOf(cause, 0);
  }
}

/**
 * Reads a stream, which is canceled when the time is up.
 *
 * @throws {RequestError} As {@link readBody} does.
 */
async function readStream(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  timeoutMs: number,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  if (body.locked) throw refuseUsedBody();
  const reader = openReader(body);
  return await withTimeout(readToEnd(reader, maxBytes), timeoutMs, () => {
    abandon(reader);
    return refuseSlowBody();
  });
}

/** Reads to the end, into one buffer that grows: a part that is kept may keep a buffer of many times its size. */
async function readToEnd(reader: PartReader, maxBytes: number): Promise<Uint8Array> {
  let buffer: Uint8Array = new Uint8Array();
  let length = 0;
  try {
    for (;;) {
      const { done, value: part } = await reader.read();
      if (done) return buffer.subarray(0, length);
      if (length + part.byteLength > maxBytes) {
        abandon(reader);
        throw refuseLargeBody(maxBytes);
      }
      buffer = appendPart(buffer, length, part, maxBytes);
      length += part.byteLength;
    }
  } catch (cause) {
    throw failureOf(cause, length);
  }
}

/** The part of a stream's reader that is used. */
interface PartReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  cancel(): Promise<void>;
}

/** How much Deno is given to read into, in bytes. Left to itself it allocates 64 KiB for a part of one byte. */
const DENO_PART_BYTES = 4_096;

function openReader(body: ReadableStream<Uint8Array>): PartReader {
  if ("Deno" in globalThis) {
    try {
      const reader = body.getReader({ mode: "byob" });
      return { read: () => reader.read(new Uint8Array(DENO_PART_BYTES)), cancel: () => reader.cancel() };
    } catch {
      // It is no stream of Deno's own, and so allocates what it likes.
    }
  }
  return body.getReader();
}

/** Nobody waits for the rest, and a stream that can't be canceled has already failed. */
function abandon(reader: PartReader): void {
  reader.cancel().catch(() => {});
}

/** Why a body could not be read: by the Fetch standard a TypeError says that it had been read, or that somebody reads it. */
function failureOf(cause: unknown, bytesRead: number): RequestError {
  if (cause instanceof RequestError) return cause;
  return bytesRead === 0 && (cause as Error | undefined)?.name === "TypeError"
    ? refuseUsedBody(cause)
    : refuseBrokenBody("before its end", cause);
}

import { appendPart } from "../handler/append-part.ts";
import type { BodyBounds } from "../handler/body.ts";
import { refuseBrokenBody, refuseLargeBody, refuseSlowBody } from "../handler/body-errors.ts";
import { takeBody } from "./body-before.ts";
import type { IncomingStream, OutgoingStream } from "./message.ts";

/**
 * Reads the body of a request of Node's, within bounds.
 *
 * @throws {RequestError} `body_used`: something read it first, and kept no bytes.
 * @throws {RequestError} `body_too_large`: it has, or declares, more than `maxBodyBytes`.
 * @throws {RequestError} `body_interrupted`: it broke off.
 * @throws {RequestError} `body_timeout`: it took longer than `bodyTimeoutMs`.
 */
export async function readBody(
  request: IncomingStream,
  response: OutgoingStream,
  getHeader: (name: string) => string | null,
  bounds: BodyBounds,
): Promise<Uint8Array> {
  const { maxBodyBytes } = bounds;
  const taken = takeBody(request);
  const declared = getHeader("content-length");
  const declaredBytes = declared === null ? undefined : Number(declared);
  if ((taken?.byteLength ?? declaredBytes ?? 0) > maxBodyBytes) throw refuseLargeBody(maxBodyBytes);
  if (taken !== undefined) return taken;
  if (getHeader("expect") !== null && !response._sent100) response.writeContinue();
  // A body that came in one packet with the headers waits to be taken as soon as Node has parsed that, before events tell.
  await undefined;
  const body =
    (request.readableLength === declaredBytes ? request.read() : undefined) ?? (await readParts(request, bounds));
  if (request.aborted || body.byteLength !== (declaredBytes ?? body.byteLength))
    throw refuseBrokenBody("before its end");
  return body;
}

/** Reads a body in the parts that it arrives in. */
function readParts(request: IncomingStream, { maxBodyBytes, bodyTimeoutMs }: BodyBounds): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let buffer: Uint8Array = new Uint8Array();
    let length = 0;
    const timer = setTimeout(() => fail(refuseSlowBody()), bodyTimeoutMs);
    request.on("data", take);
    request.on("end", finish);
    request.on("error", breakOff);
    request.on("close", breakOff);

    function take(part: Uint8Array): void {
      if (length + part.byteLength > maxBodyBytes) {
        fail(refuseLargeBody(maxBodyBytes));
      } else {
        buffer = appendPart(buffer, length, part, maxBodyBytes);
        length += part.byteLength;
      }
    }

    function finish(): void {
      stop();
      resolve(buffer.subarray(0, length));
    }

    function breakOff(cause?: Error): void {
      fail(refuseBrokenBody("before its end", cause));
    }

    function fail(error: Error): void {
      stop();
      request.pause();
      reject(error);
    }

    function stop(): void {
      clearTimeout(timer);
      request.off("data", take);
      request.off("end", finish);
      request.off("error", breakOff);
      request.off("close", breakOff);
    }
  });
}

import { RequestError } from "../errors.ts";

/** The part of a `Request`, or of a `Response`, that its body is read from. */
export interface BodySource {
  /** Whether something read the body already. */
  readonly bodyUsed: boolean;
  /** The body; null where there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * Reads a body whole. Counts the bytes that arrive and stops at the limit, whatever Content-Length says.
 *
 * @throws {RequestError} Where something read it already.
 * @throws {RequestError} As soon as more than `maxBytes` arrived.
 * @throws {RequestError} Where it broke off.
 */
export async function readBody(source: BodySource, maxBytes: number): Promise<Uint8Array> {
  const { body } = source;
  if (source.bodyUsed || body?.locked) {
    throw new RequestError(
      "body_used",
      "Something in the receiver read the body first; let the webhook handler read it.",
    );
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  while (reader !== undefined) {
    let result: ReadableStreamReadResult<Uint8Array>;
    try {
      result = await reader.read();
    } catch (cause) {
      throw new RequestError("body_interrupted", "The body broke off; send the event again.", { cause });
    }
    if (result.done) break;
    length += result.value.byteLength;
    if (length > maxBytes) {
      // Nobody waits for the rest, and a stream that can't be canceled has already failed.
      reader.cancel().catch(() => {});
      throw new RequestError(
        "body_too_large",
        `The body has more than the ${maxBytes} bytes that this receiver accepts.`,
      );
    }
    chunks.push(result.value);
  }
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** As many bytes of memory a first part may keep for each of its own. */
const MAX_KEPT_BYTES = 2;

/**
 * Appends a part of a body to what was received before it. Parts themselves are not kept, since one of a single byte may be a
 * view on 64 KiB; but for a first one that keeps little beside itself: most bodies come in one part, and need no copy.
 *
 * @param buffer What was received, and room for more.
 * @param length How many bytes were received.
 * @param part The part.
 * @param maxBytes The most bytes of the body, which the part does not exceed.
 * @returns The same buffer, or a larger one.
 */
export function appendPart(buffer: Uint8Array, length: number, part: Uint8Array, maxBytes: number): Uint8Array {
  const needed = length + part.byteLength;
  if (length === 0 && part.buffer.byteLength <= MAX_KEPT_BYTES * needed) return part;
  let roomy = buffer;
  if (needed > buffer.byteLength) {
    roomy = new Uint8Array(Math.min(maxBytes, 2 * needed));
    roomy.set(buffer.subarray(0, length));
  }
  roomy.set(part, length);
  return roomy;
}

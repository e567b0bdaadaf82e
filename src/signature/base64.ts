import { nodeBuffer } from "../runtime.ts";

/** The base64 of bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The base64url of bytes (RFC 4648, section 5), without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) {
    const { buffer, byteOffset, byteLength } = bytes; // what is seen as a Buffer is not copied
    return nodeBuffer.from(buffer, byteOffset, byteLength).toString("base64url");
  }
  return toBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** The bytes of base64, with or without padding and white space; undefined if it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const quickly = readPadded(text);
  if (quickly !== undefined) return quickly;
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** What Node's reader makes of padded base64. It passes over what is none, which shows in the length, and reads base64url too. */
function readPadded(text: string): Uint8Array | undefined {
  if (nodeBuffer === undefined || text.length % 4 !== 0 || text.includes("-") || text.includes("_")) return undefined;
  const padding = text.endsWith("==") ? 2 : Number(text.endsWith("="));
  const bytes = nodeBuffer.from(text, "base64");
  return bytes.byteLength === (text.length / 4) * 3 - padding ? bytes : undefined;
}

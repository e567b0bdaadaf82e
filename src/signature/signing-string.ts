import { nodeBuffer } from "../runtime.ts";
import { VerificationError } from "./error.ts";

/** The part of a call that its signature is about. */
export interface SignedCall {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL, as `Request` has it. */
  readonly url: string;
  /** The value of a header; null if it did not come. */
  getHeader(name: string): string | null;
}

/**
 * The string that was signed: a line `name: value` for each covered header, in order (draft-cavage-http-signatures, 2.3).
 *
 * @param covered The names of the covered headers, in lower case.
 * @param readValue The value of a header, or of `(request-target)`; null if it did not come.
 * @throws {VerificationError} If the signature covers what did not come.
 */
export function createSigningString(covered: readonly string[], readValue: (name: string) => string | null): string {
  let lines = "";
  for (const name of covered) {
    const value = readValue(name);
    if (value === null) {
      const message = `The signature covers ${describeName(name)}, which did not come.`;
      throw new VerificationError("signature_incomplete", message);
    }
    lines += `${lines === "" ? "" : "\n"}${name}: ${value}`;
  }
  return lines;
}

/**
 * The value of a covered header as Copernica signed it; null if it did not come.
 *
 * @param name The name of the header, in lower case, or `(request-target)`.
 * @param call The call.
 * @param publicUrl The URL that Copernica calls, if it is not that of the call.
 * @param bodyLength The length of the body, in bytes, if a proxy sent it without saying.
 */
export function readSignedValue(
  name: string,
  call: SignedCall,
  publicUrl: URL | undefined,
  bodyLength?: number | undefined,
): string | null {
  switch (name) {
    case "(request-target)":
      return `${call.method.toLowerCase()} ${readRequestTarget(call.url, publicUrl)}`;
    case "host":
      return publicUrl?.host ?? call.getHeader("host") ?? new URL(call.url).host;
    case "content-length":
      // Some proxies pass a body on in chunks; what Copernica signed is the number of bytes that arrived.
      return call.getHeader("content-length") ?? bodyLength?.toString() ?? null;
    default:
      return call.getHeader(name);
  }
}

/** The request target: path and query as they stand in the URL, since URL's own parts would lose a bare `?`. */
export function readRequestTarget(url: string, publicUrl: URL | undefined): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const received = start === -1 ? "/" : (url.slice(start).split("#", 1)[0] ?? "/");
  if (publicUrl === undefined) return received;
  const query = received.indexOf("?");
  return publicUrl.pathname + (publicUrl.search || (query === -1 ? "" : received.slice(query)));
}

/**
 * The bytes of a signing string. Headers are bytes: each character of theirs stands for one, but in a runtime that reads them
 * as UTF-8 (workerd).
 */
export function encodeSigningString(text: string): Uint8Array {
  if (nodeBuffer !== undefined && !MULTIBYTE.test(text)) return nodeBuffer.from(text, "latin1");
  const utf8 = encoder.encode(text);
  if (utf8.length === text.length) return utf8; // in ASCII both are the same
  const latin1 = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0xff) return utf8; // cut off, it would be taken for another character
    latin1[index] = code;
  }
  return latin1;
}

/** A character that is no byte. */
const MULTIBYTE = /[^\0-\xff]/;

const encoder = new TextEncoder();

/** A name that a stranger sent, fit for a message. */
function describeName(name: string): string {
  return /^[\w()-]{1,64}$/.test(name) ? name : "a header";
}

import { InvalidOptionError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { type Cryptography, cryptography, type HashName } from "./cryptography.ts";
import { VerificationError } from "./error.ts";
import { checkCoverage, parseSignature, signingString } from "./header.ts";
import { createKeyLookup, type KeyLookup } from "./keys.ts";

/** How far the Date of a call may lie from now, in both directions, in seconds. */
export const DEFAULT_MAX_AGE_SECONDS = 300;

/** The part of a `Request` that a signature is about. */
export interface SignedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL, as `Request` has it. */
  readonly url: string;
  /** The headers received. */
  readonly headers: Headers;
}

/** What a signature is verified against. */
export interface SignatureOptions {
  /** Your account at Copernica: `1234`, or as Copernica writes it, `"account_1234"`. */
  readonly account: number | string;
  /**
   * The URL that Copernica calls, where a proxy in between changes the host or the path: host, path and, where it has one,
   * query are taken from it. A query that it lacks is taken from the request.
   */
  readonly publicUrl?: string | URL;
  /**
   * How far the Date of a call may lie from now, in both directions, in seconds; more than 0.
   *
   * @default 300
   */
  readonly maxAgeSeconds?: number;
  /**
   * The current time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
  /**
   * The look-up of keys.
   *
   * @default One for the whole process, made with `createKeyLookup()`.
   */
  readonly keys?: KeyLookup;
}

/** A call that is verified to come from Copernica, for this account. */
export interface VerifiedDelivery {
  /**
   * What identifies this delivery: the first 192 bits of its signature, in base64url. Each call carries its own nonce, so
   * that two deliveries never share it, even of equal events in one second; a replay of a call has the same.
   */
  readonly deliveryId: string;
  /** The name of the key that signed it. */
  readonly keyId: string;
  /** When Copernica says that it sent the call. */
  readonly date: Date;
}

/** Verifies a call, given the bytes of its body. */
export type Verifier = (request: SignedRequest, body: Uint8Array) => Promise<VerifiedDelivery>;

let processKeys: KeyLookup | undefined;

/** The look-up of this process, so that keys are remembered from one call to the next. */
function sharedKeys(): KeyLookup {
  processKeys ??= createKeyLookup();
  return processKeys;
}

/**
 * Verifies that a call comes from Copernica and is for this account, for a receiver without this package's handler.
 *
 * @param request The request; its body is not looked at.
 * @param body The bytes of the body as they were received, before anything decoded them.
 * @param options The account, and what else differs from the defaults.
 * @returns What is known of the call then.
 * @throws {VerificationError} One of its subclasses, each with a `code` of its own.
 * @throws {InvalidOptionError} Where an option can't be used.
 *
 * @example
 * ```ts
 * import { verifySignature } from "copernica-webhooks";
 *
 * async function receive(request: Request): Promise<string> {
 *   const body = new Uint8Array(await request.arrayBuffer());
 *   const { deliveryId } = await verifySignature(request, body, { account: 1234 });
 *   return deliveryId;
 * }
 * ```
 */
export async function verifySignature(
  request: SignedRequest,
  body: Uint8Array,
  options: SignatureOptions,
): Promise<VerifiedDelivery> {
  return await createVerifier({ ...options, keys: options.keys ?? sharedKeys() })(request, body);
}

/** Makes the function that verifies calls, its options checked once. */
export function createVerifier(options: SignatureOptions & { readonly keys: KeyLookup }): Verifier {
  const account = accountNumber(options.account);
  const maxAgeMs = (options.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1_000;
  if (!(maxAgeMs > 0 && maxAgeMs < Number.POSITIVE_INFINITY)) {
    throw new InvalidOptionError("maxAgeSeconds must be a positive number of seconds.");
  }
  const publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
  const { clock = Date.now, keys } = options;
  const hashes = cryptography();

  return async (request, body) => {
    const { headers } = request;
    const parameters = parseSignature(headers.get("signature"));
    checkCoverage(parameters.headers);
    if (parameters.algorithm !== "rsa-sha256" && parameters.algorithm !== "hs2019") {
      throw new VerificationError("algorithm_refused", "The signature must be made with rsa-sha256.");
    }
    checkAccount(headers.get("x-copernica-id"), account);
    const date = checkDate(headers.get("date"), clock(), maxAgeMs);
    await checkDigest(headers.get("digest"), body, hashes);
    const signature = fromBase64(parameters.signature);
    if (signature === undefined) {
      throw new VerificationError(
        "invalid_signature_header",
        "The Signature header can't be read: its signature must be base64.",
      );
    }
    const signed = bytesOf(signingString(parameters.headers, (name) => signedValue(name, request, body, publicUrl)));
    await checkSignature(parameters.keyId, signed, signature, keys);
    return { deliveryId: deliveryIdOf(signature), keyId: parameters.keyId, date };
  };
}

/** The number of an account, however it is written. */
function accountNumber(account: number | string): number {
  const number = typeof account === "number" ? account : Number(/^(?:account[_-])?(\d{1,15})$/.exec(account)?.[1]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidOptionError('account must be the number of your account at Copernica: 1234 or "account_1234".');
}

function parsePublicUrl(publicUrl: string | URL): URL {
  const message = "publicUrl must be the whole URL that Copernica calls, https:// included.";
  let url: URL;
  try {
    url = new URL(publicUrl);
  } catch (cause) {
    throw new InvalidOptionError(message, { cause });
  }
  if (/^https?:$/.test(url.protocol)) return url;
  throw new InvalidOptionError(message); // "localhost:3000/hook" has the scheme "localhost:", and no host
}

function checkAccount(header: string | null, account: number): void {
  const sent = /^account[_-](\d{1,15})$/.exec(header ?? "")?.[1];
  if (sent === undefined) {
    throw new VerificationError(
      "invalid_account_header",
      "The X-Copernica-ID header must name an account: account_1234.",
    );
  }
  if (Number(sent) !== account)
    throw new VerificationError("account_mismatch", "This receiver is for another account of Copernica's.");
}

/** A date as HTTP has it; Date.parse alone would take nearly anything. */
const HTTP_DATE = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

function checkDate(header: string | null, now: number, maxAgeMs: number): Date {
  const moment = header !== null && HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new VerificationError(
      "invalid_date_header",
      "The Date header must be a date: Tue, 24 Nov 2026 10:00:00 GMT.",
    );
  }
  // Written so that a clock that gives no number lets nothing in.
  if (!(Math.abs(now - moment) <= maxAgeMs)) {
    throw new VerificationError("date_out_of_range", "The Date lies too far from the receiver's clock.");
  }
  return new Date(moment);
}

/** The hashes of a Digest that are accepted, by their names in RFC 3230 and RFC 5843. */
const HASHES: ReadonlyMap<string, HashName> = new Map([
  ["sha-256", "SHA-256"],
  ["sha-512", "SHA-512"],
]);

async function checkDigest(header: string | null, body: Uint8Array, hashes: Cryptography): Promise<void> {
  const [, name, expected] = /^([A-Za-z0-9-]{1,32})=([A-Za-z0-9+/]{1,128}={0,2})$/.exec(header ?? "") ?? [];
  if (name === undefined) {
    throw new VerificationError(
      "invalid_digest_header",
      "The Digest header must be the digest of the body: SHA-256=<base64>.",
    );
  }
  const hash = HASHES.get(name.toLowerCase());
  if (hash === undefined)
    throw new VerificationError("algorithm_refused", "The Digest must be made with SHA-256 or SHA-512.");
  if ((await hashes.digest(hash, body)) !== expected) {
    throw new VerificationError("digest_mismatch", "The Digest is not that of the body that arrived.");
  }
}

/** The value of a covered header as Copernica signed it; null where it did not come. */
function signedValue(
  name: string,
  request: SignedRequest,
  body: Uint8Array,
  publicUrl: URL | undefined,
): string | null {
  switch (name) {
    case "(request-target)":
      return `${request.method.toLowerCase()} ${requestTarget(request.url, publicUrl)}`;
    case "host":
      return publicUrl?.host ?? request.headers.get("host") ?? new URL(request.url).host;
    case "content-length":
      // Some proxies pass a body on in chunks; what Copernica signed is the number of bytes that arrived.
      return request.headers.get("content-length") ?? String(body.byteLength);
    default:
      // Only a pseudo-header has parentheses, and a name that HTTP does not allow would make Headers throw.
      return /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? request.headers.get(name) : null;
  }
}

/** The path and query as they stand in the URL; URL's own parts would lose a bare `?`. */
function requestTarget(url: string, publicUrl: URL | undefined): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const received = start === -1 ? "/" : (url.slice(start).split("#", 1)[0] ?? "/");
  if (publicUrl === undefined) return received;
  const query = received.indexOf("?");
  return publicUrl.pathname + (publicUrl.search || (query === -1 ? "" : received.slice(query)));
}

async function checkSignature(
  keyId: string,
  signed: Uint8Array,
  signature: Uint8Array,
  keys: KeyLookup,
): Promise<void> {
  let found = await keys.find(keyId);
  for (;;) {
    for (const key of found.keys) {
      if (await key.verify(signed, signature)) {
        keys.confirm(keyId);
        return;
      }
    }
    const refreshed = found.remembered ? await keys.refresh(keyId) : undefined;
    if (refreshed === undefined) break;
    found = refreshed;
  }
  throw new VerificationError(
    "signature_mismatch",
    "The signature does not verify; behind a proxy that changes the host or the path, set verify.publicUrl.",
  );
}

/** Headers are bytes: each character of theirs stands for one, but in a runtime that reads them as UTF-8 (workerd). */
function bytesOf(text: string): Uint8Array {
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

const encoder = new TextEncoder();

/** As many bytes of a signature as identify it; they are as good as random. */
const DELIVERY_ID_BYTES = 24;

function deliveryIdOf(signature: Uint8Array): string {
  return toBase64(signature.subarray(0, DELIVERY_ID_BYTES)).replaceAll("+", "-").replaceAll("/", "_");
}

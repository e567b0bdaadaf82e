import { type Awaitable, whenKnown } from "../awaitable.ts";
import { nodeModule } from "../runtime.ts";
import { toBase64 } from "./base64.ts";
import { VerificationError } from "./error.ts";

/** The hashes of a Digest that are accepted, by their names in RFC 3230 and RFC 5843, which case does not change. */
type HashName = "SHA-256" | "SHA-512";

/** A digest as a sender gave it (RFC 3230, RFC 5843). */
export interface Digest {
  /** The hash that made it. */
  readonly hash: HashName;
  /** Its value, in base64. */
  readonly value: string;
}

/**
 * Reads a `Digest` header.
 *
 * @throws {VerificationError} If it is missing or unreadable, or its hash is not accepted.
 */
export function readDigest(header: string | null): Digest {
  const [, name, value] = /^([A-Za-z0-9-]{1,32})=([A-Za-z0-9+/]{1,128}={0,2})$/.exec(header ?? "") ?? [];
  if (name === undefined || value === undefined) {
    throw new VerificationError("invalid_digest_header", "The Digest header must be SHA-256=<base64>.");
  }
  const hash = name.toUpperCase();
  if (hash === "SHA-256" || hash === "SHA-512") return { hash, value };
  throw new VerificationError("algorithm_refused", "The Digest must be made with SHA-256 or SHA-512.");
}

/**
 * Checks that a digest is that of the body received.
 *
 * @throws {VerificationError} If it is not.
 */
export function checkDigest({ hash, value }: Digest, body: Uint8Array, compute: ComputeDigest): Awaitable<void> {
  return whenKnown(compute(hash, body), (computed) => {
    if (computed === value) return;
    throw new VerificationError("digest_mismatch", "The Digest is not that of the body.");
  });
}

/** The digest of bytes, in base64. */
export type ComputeDigest = (hash: HashName, data: Uint8Array) => Awaitable<string>;

/** The part of `node:crypto` that is used: it takes a tenth of WebCrypto's time, and no promise. */
interface NodeCrypto {
  readonly hash?: (algorithm: string, data: Uint8Array, encoding: "base64") => string;
  createHash(algorithm: string): { update(data: Uint8Array): { digest(encoding: "base64"): string } };
}

/** Makes what computes digests, with the fastest cryptography that this runtime has: `node:crypto`, else WebCrypto. */
export function createDigester(): ComputeDigest {
  const node = nodeModule("node:crypto") as NodeCrypto | undefined; // as Node documents it
  if (node === undefined) return digestWithWebCrypto;
  // On Deno one call takes longer than three.
  const hashAtOnce = "Deno" in globalThis ? undefined : node.hash;
  if (hashAtOnce !== undefined) return (hash, data) => hashAtOnce(hash.replace("-", ""), data, "base64");
  return (hash, data) => node.createHash(hash.replace("-", "")).update(data).digest("base64");
}

async function digestWithWebCrypto(hash: HashName, data: Uint8Array): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.digest(hash, data as BufferSource))); // no body is in shared memory
}

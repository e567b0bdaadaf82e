import type { Cryptography, HashName } from "./cryptography.ts";
import { VerificationError } from "./error.ts";

/** A digest as a sender gave it (RFC 3230, RFC 5843). */
export interface Digest {
  /** The hash that made it. */
  readonly hash: HashName;
  /** Its value, in base64. */
  readonly value: string;
}

/** The hashes of a Digest that are accepted, by their names in RFC 3230 and RFC 5843. */
const HASHES: ReadonlyMap<string, HashName> = new Map([
  ["sha-256", "SHA-256"],
  ["sha-512", "SHA-512"],
]);

/**
 * Reads a `Digest` header.
 *
 * @throws {VerificationError} If it is missing or unreadable, or its hash is not accepted.
 */
export function readDigest(header: string | null): Digest {
  const [, name, value] = /^([A-Za-z0-9-]{1,32})=([A-Za-z0-9+/]{1,128}={0,2})$/.exec(header ?? "") ?? [];
  if (name === undefined || value === undefined) {
    const message = "The Digest header must be the digest of the body: SHA-256=<base64>.";
    throw new VerificationError("invalid_digest_header", message);
  }
  const hash = HASHES.get(name.toLowerCase());
  if (hash !== undefined) return { hash, value };
  throw new VerificationError("algorithm_refused", "The Digest must be made with SHA-256 or SHA-512.");
}

/**
 * Checks that a digest is that of the body received.
 *
 * @throws {VerificationError} If it is not.
 */
export async function checkDigest({ hash, value }: Digest, body: Uint8Array, { digest }: Cryptography): Promise<void> {
  if ((await digest(hash, body)) === value) return;
  throw new VerificationError("digest_mismatch", "The Digest is not that of the body that arrived.");
}

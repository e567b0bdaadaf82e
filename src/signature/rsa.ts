import type { Awaitable } from "../awaitable.ts";
import { nodeModule } from "../runtime.ts";

/** The one kind of signature that Copernica makes, by WebCrypto's names. */
export const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** A public key that verifies RSASSA-PKCS1-v1_5 signatures over SHA-256. */
export interface RsaKey {
  /** The length of its modulus, in bits. */
  readonly bits: number;
  /** Whether the signature is this key's, over these bytes. */
  readonly verify: (data: Uint8Array, signature: Uint8Array) => Awaitable<boolean>;
}

/** Reads an RSA public key from its SubjectPublicKeyInfo in DER; throws or rejects if it is none. */
export type ImportRsaKey = (spki: Uint8Array) => Awaitable<RsaKey>;

/** The part of `node:crypto` that is used: it does the same as WebCrypto in less than half the time, without a promise. */
interface NodeCrypto {
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" }): NodeKey;
  verify(algorithm: string, data: Uint8Array, key: NodeKey, signature: Uint8Array): boolean;
}

interface NodeKey {
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: { readonly modulusLength?: number; readonly publicExponent?: bigint };
}

/** Makes what reads RSA keys, with the fastest cryptography that this runtime has: `node:crypto`, else WebCrypto. */
export function createRsaImporter(): ImportRsaKey {
  const node = nodeModule("node:crypto") as NodeCrypto | undefined; // as Node documents it
  if (node === undefined) return importWithWebCrypto;
  return (spki) => {
    const key = node.createPublicKey({ key: spki, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "rsa") throw new TypeError(`This is no RSA key, but ${key.asymmetricKeyType}.`);
    checkExponent(Number(key.asymmetricKeyDetails?.publicExponent));
    return {
      bits: key.asymmetricKeyDetails?.modulusLength ?? 0,
      verify: (data, signature) => node.verify("sha256", data, key, signature),
    };
  };
}

async function importWithWebCrypto(spki: Uint8Array): Promise<RsaKey> {
  const key = await crypto.subtle.importKey("spki", spki as BufferSource, RSA_SHA256, false, ["verify"]); // not shared
  const { modulusLength, publicExponent } = key.algorithm as RsaHashedKeyAlgorithm; // that of an imported RSA key
  checkExponent(publicExponent.reduce((exponent, byte) => exponent * 256 + byte, 0));
  return {
    bits: modulusLength,
    verify: (data, signature) => crypto.subtle.verify(RSA_SHA256, key, signature as BufferSource, data as BufferSource), // nor are these
  };
}

/** The public exponents that are accepted lie below. A longer one makes verification take up to a hundred times as long. */
const EXPONENT_BOUND = 2 ** 32;

/** Refuses what no RSA key has, and not every runtime refuses: with 1 for an exponent anybody could sign. */
function checkExponent(exponent: number): void {
  if (exponent >= 3 && exponent < EXPONENT_BOUND && exponent % 2 === 1) return;
  throw new TypeError("Its public exponent can't be used.");
}

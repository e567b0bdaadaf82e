import { nodeModule } from "../runtime.ts";
import { toBase64 } from "./base64.ts";

/** The hashes of a Digest that are accepted. */
export type HashName = "SHA-256" | "SHA-512";

/** A public key that verifies RSASSA-PKCS1-v1_5 signatures over SHA-256. */
export interface RsaKey {
  /** The length of its modulus, in bits. */
  readonly bits: number;
  /** Whether the signature is this key's, over these bytes. */
  readonly verify: (data: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;
}

/** What verification needs of cryptography. */
export interface Cryptography {
  /** The digest of the bytes, in base64. */
  readonly digest: (hash: HashName, data: Uint8Array) => string | Promise<string>;
  /** Reads an RSA public key from its SubjectPublicKeyInfo in DER. Rejects where it is none. */
  readonly importRsaKey: (spki: Uint8Array) => RsaKey | Promise<RsaKey>;
}

/** The part of `node:crypto` that is used: it does the same as WebCrypto in less than half the time, without a promise. */
interface NodeCrypto {
  createHash(algorithm: string): { update(data: Uint8Array): { digest(encoding: "base64"): string } };
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" }): NodeKey;
  verify(algorithm: string, data: Uint8Array, key: NodeKey, signature: Uint8Array): boolean;
}

interface NodeKey {
  readonly asymmetricKeyType?: string;
  readonly asymmetricKeyDetails?: { readonly modulusLength?: number; readonly publicExponent?: bigint };
}

/** The fastest cryptography that this runtime has: `node:crypto`, else WebCrypto. */
export function cryptography(): Cryptography {
  const node = nodeModule("node:crypto") as NodeCrypto | undefined; // as Node documents it
  return node === undefined ? webCryptography : nodeCryptography(node);
}

function nodeCryptography(node: NodeCrypto): Cryptography {
  return {
    digest: (hash, data) => node.createHash(hash.replace("-", "").toLowerCase()).update(data).digest("base64"),
    importRsaKey(spki) {
      const key = node.createPublicKey({ key: spki, format: "der", type: "spki" });
      if (key.asymmetricKeyType !== "rsa") throw new TypeError(`Expected an RSA key, got ${key.asymmetricKeyType}.`);
      checkExponent(Number(key.asymmetricKeyDetails?.publicExponent));
      return {
        bits: key.asymmetricKeyDetails?.modulusLength ?? 0,
        verify: (data, signature) => node.verify("sha256", data, key, signature),
      };
    },
  };
}

const webCryptography: Cryptography = {
  async digest(hash, data) {
    return toBase64(new Uint8Array(await crypto.subtle.digest(hash, source(data))));
  },
  async importRsaKey(spki) {
    const key = await crypto.subtle.importKey("spki", source(spki), RSA_SHA256, false, ["verify"]);
    const { modulusLength, publicExponent } = key.algorithm as RsaHashedKeyAlgorithm; // that of an imported RSA key
    checkExponent(publicExponent.reduce((exponent, byte) => exponent * 256 + byte, 0));
    return {
      bits: modulusLength,
      verify: (data, signature) => crypto.subtle.verify(RSA_SHA256, key, source(signature), source(data)),
    };
  },
};

/** The public exponents that are accepted lie below. A longer one makes verification take up to a hundred times as long. */
const EXPONENT_BOUND = 2 ** 32;

/** Refuses what no RSA key has, and not every runtime refuses: with 1 for an exponent anybody could sign. */
function checkExponent(exponent: number): void {
  if (exponent >= 3 && exponent < EXPONENT_BOUND && exponent % 2 === 1) return;
  throw new TypeError("The public exponent of the RSA key can't be used.");
}

/** The one kind of signature that Copernica makes, by WebCrypto's names. */
export const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** Bytes as WebCrypto's types want them: no body and no key here lies in shared memory. */
function source(bytes: Uint8Array): BufferSource {
  return bytes as BufferSource;
}

import { InvalidOptionError } from "../errors.ts";
import type { OptionReader } from "../options/settle.ts";
import { fromBase64, toBase64 } from "../signature/base64.ts";
import { RSA_SHA256 } from "../signature/cryptography.ts";
import type { TxtRecords } from "../signature/dns.ts";

/** A private key in PEM: PKCS #8 in base64, between these lines (RFC 7468). */
const PEM = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/;

/** How many characters of base64 a line of PEM has. */
const PEM_LINE_LENGTH = 64;

/** How many bytes a string of a TXT record can have (RFC 1035, section 3.3). */
const TXT_STRING_LENGTH = 255;

/** Makes the private key of a new key pair. */
export async function generatePrivateKey(bits: number): Promise<CryptoKey> {
  const parameters = { ...RSA_SHA256, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) };
  return (await crypto.subtle.generateKey(parameters, true, ["sign", "verify"])).privateKey;
}

/** A private key in PEM, as the bytes of its PKCS #8. What was given is never in the error. */
export const privateKeyInPem: OptionReader<Uint8Array> = (given, option) => {
  const pkcs8 = fromBase64((typeof given === "string" && PEM.exec(given)?.[1]) || "");
  if (pkcs8 !== undefined && pkcs8.length > 0) return pkcs8;
  throw unusableKey(option);
};

/** Reads a private key from its PKCS #8. */
export async function importPrivateKey(pkcs8: Uint8Array, option: string): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", pkcs8 as BufferSource, RSA_SHA256, true, ["sign"]); // not shared memory
  } catch (cause) {
    throw unusableKey(option, { cause });
  }
}

function unusableKey(option: string, options?: ErrorOptions): InvalidOptionError {
  const remedy = "as createTestCopernica gives one, or openssl genpkey -algorithm RSA";
  return new InvalidOptionError(
    `${option} must be an RSA key in PEM, "-----BEGIN PRIVATE KEY-----" and so on: ${remedy}.`,
    options,
  );
}

/** Writes a private key in PEM. */
export async function exportPrivateKey(key: CryptoKey): Promise<string> {
  const base64 = toBase64(new Uint8Array(await crypto.subtle.exportKey("pkcs8", key)));
  return ["-----BEGIN PRIVATE KEY-----", ...cut(base64, PEM_LINE_LENGTH), "-----END PRIVATE KEY-----", ""].join("\n");
}

/** The key record, in DNS, of the public key that belongs to a private one (RFC 6376, section 3.6.1). */
export async function keyRecordsOf(privateKey: CryptoKey): Promise<TxtRecords> {
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", { kty, n, e } as JsonWebKey, RSA_SHA256, true, ["verify"]); // RSA's three
  const spki = toBase64(new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)));
  return [cut(`v=DKIM1; k=rsa; p=${spki}`, TXT_STRING_LENGTH)];
}

/** Cuts a text into pieces of this length, the last one shorter. */
function cut(text: string, length: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += length) pieces.push(text.slice(start, start + length));
  return pieces;
}

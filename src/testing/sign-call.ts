import { toBase64 } from "../signature/base64.ts";
import { RSA_SHA256 } from "../signature/rsa.ts";

/** What a call of a webhook consists of. */
export interface Call {
  /** The URL that is called. */
  readonly url: URL;
  /** The bytes of the body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The body's content type. */
  readonly contentType: string;
  /** The number of the account. */
  readonly account: number;
  /** When it is sent. */
  readonly date: Date;
  /** What makes it unlike every other. */
  readonly nonce: string;
  /** The name of the key. */
  readonly keyId: string;
  /** The key. */
  readonly privateKey: CryptoKey;
}

/** The headers that Copernica's signatures cover, as it spells them, in its order. */
const COVERED_HEADERS = "(request-target) Host Date Content-length Content-type X-Copernica-ID Digest X-nonce";

/** Signs a call as Copernica does: gives all of its headers, the signature among them. */
export async function signCall(call: Call): Promise<Record<string, string>> {
  const { url, body, keyId } = call;
  const headers = {
    host: url.host,
    date: call.date.toUTCString(),
    "content-length": String(body.byteLength),
    "content-type": call.contentType,
    "x-copernica-id": `account_${call.account}`,
    digest: `SHA-256=${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", body)))}`,
    "x-nonce": call.nonce,
  };
  const values: Record<string, string> = { "(request-target)": `post ${url.pathname}${url.search}`, ...headers };
  const lines = COVERED_HEADERS.toLowerCase()
    .split(" ")
    .map((name) => `${name}: ${values[name]}`);
  const signingString = new TextEncoder().encode(lines.join("\n"));
  const signature = toBase64(new Uint8Array(await crypto.subtle.sign(RSA_SHA256, call.privateKey, signingString)));
  return {
    ...headers,
    signature: `keyId="${keyId}",algorithm="rsa-sha256",headers="${COVERED_HEADERS}",signature="${signature}"`,
  };
}

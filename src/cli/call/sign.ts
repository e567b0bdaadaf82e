import { toBase64 } from "../../signature/base64.ts";
import type { Call } from "./call.ts";

/** The headers that Copernica's signatures cover, as it spells them, in its order. */
export const COVERED_HEADERS = "(request-target) Host Date Content-length Content-type X-Copernica-ID Digest X-nonce";

/** The content types of the encodings that Copernica's events come in. */
export const CONTENT_TYPES = { form: "application/x-www-form-urlencoded", json: "application/json" } as const;

/** What a call is made of. */
export interface CallParts {
  /** The URL that is signed. */
  readonly url: URL;
  /** The number of the account, as the header names it. */
  readonly account: number | string;
  /** The body. */
  readonly body: Uint8Array;
  /** The body's content type. */
  readonly contentType: string;
  /** When it is sent. */
  readonly date: Date;
  /** What makes it unlike every other. */
  readonly nonce: string;
  /** The name of the key. */
  readonly keyId: string;
  /** The names that the signature covers, as its header spells them. */
  readonly covered: string;
  /** The algorithm that its header names. */
  readonly algorithm: string;
  /** The Digest header, if it is not to be that of the body. */
  readonly digest?: string;
  /** Signs the signing string. */
  readonly sign: (signed: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
}

const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5" };

/** The function that signs with an RSA key, as Copernica does. */
export function signWith(privateKey: CryptoKey): CallParts["sign"] {
  return async (signed) => new Uint8Array(await crypto.subtle.sign(RSA_SHA256, privateKey, signed));
}

/** Makes the signed call of these parts. */
export async function signCall(parts: CallParts): Promise<Call> {
  const { url, body, covered } = parts;
  const target = url.pathname + url.search;
  const headers: [string, string][] = [
    ["Host", url.host],
    ["Date", parts.date.toUTCString()],
    ["Content-length", String(body.byteLength)],
    ["Content-type", parts.contentType],
    ["X-Copernica-ID", `account_${parts.account}`],
    ["Digest", parts.digest ?? (await digestOf(body))],
    ["X-nonce", parts.nonce],
  ];
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  values.set("(request-target)", `post ${target}`);
  const lines = covered
    .toLowerCase()
    .split(" ")
    .map((name) => `${name}: ${values.get(name) ?? ""}`);
  const signature = toBase64(await parts.sign(new TextEncoder().encode(lines.join("\n"))));
  const { keyId, algorithm } = parts;
  headers.push([
    "Signature",
    `keyId="${keyId}",algorithm="${algorithm}",headers="${covered}",signature="${signature}"`,
  ]);
  return { method: "POST", target, headers, body };
}

/** The Digest header of a body. */
export async function digestOf(body: Uint8Array): Promise<string> {
  return `SHA-256=${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", body as BufferSource)))}`; // not shared
}

import { toBase64 } from "../signature/base64.ts";
import { RSA_SHA256 } from "../signature/cryptography.ts";

/** The content types of the encodings that events come in. */
export const CONTENT_TYPES = { form: "application/x-www-form-urlencoded", json: "application/json" } as const;

/** The headers that Copernica's signatures cover, as it spells them, in its order. */
export const COVERED_HEADERS = "(request-target) Host Date Content-length Content-type X-Copernica-ID Digest X-nonce";

/** What a call of a webhook consists of. */
export interface CallParts {
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
  /** Makes the signature over the signing string. */
  readonly sign: (signingString: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
  /** What the signature covers, if not what Copernica's do. */
  readonly covered?: string;
  /** The algorithm that the signature names, if not Copernica's. */
  readonly algorithm?: string;
  /** The Digest header, if it is not that of the body. */
  readonly digest?: string;
}

/** Makes the function that signs with an RSA key, as Copernica does. */
export function signWith(privateKey: CryptoKey): CallParts["sign"] {
  return async (signingString) => new Uint8Array(await crypto.subtle.sign(RSA_SHA256, privateKey, signingString));
}

/** Signs a call as Copernica does: gives all of its headers, the signature among them. */
export async function signCall(call: CallParts): Promise<[name: string, value: string][]> {
  const { url, body, keyId, covered = COVERED_HEADERS, algorithm = "rsa-sha256" } = call;
  const headers: [string, string][] = [
    ["Host", url.host],
    ["Date", call.date.toUTCString()],
    ["Content-length", String(body.byteLength)],
    ["Content-type", call.contentType],
    ["X-Copernica-ID", `account_${call.account}`],
    ["Digest", call.digest ?? (await digestOf(body))],
    ["X-nonce", call.nonce],
  ];
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  values.set("(request-target)", `post ${url.pathname}${url.search}`);
  const lines = covered
    .toLowerCase()
    .split(" ")
    .map((name) => `${name}: ${values.get(name)}`);
  const signature = toBase64(await call.sign(new TextEncoder().encode(lines.join("\n"))));
  const parameters = `keyId="${keyId}",algorithm="${algorithm}",headers="${covered}",signature="${signature}"`;
  return [...headers, ["Signature", parameters]];
}

/** The Digest header of a body. */
export async function digestOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return `SHA-256=${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", body)))}`;
}

import { encodeForm, type Variables } from "../form/encode.ts";
import { toBase64 } from "../signature/base64.ts";
import type { ResolveTxt, TxtRecords } from "../signature/dns.ts";

/** What a test sender is made with. */
export interface TestCopernicaOptions {
  /**
   * The number of the account whose events it sends.
   *
   * @default 1234
   */
  readonly account?: number;
  /**
   * The URL that it calls.
   *
   * @default "https://example.com/webhooks/copernica"
   */
  readonly url?: string | URL;
  /**
   * The name of its key.
   *
   * @default "test._domainkey.copernica.com"
   */
  readonly keyId?: string;
  /**
   * The length of its RSA key, in bits.
   *
   * @default 2048
   */
  readonly keyBits?: number;
}

/** How one call differs from the others. */
export interface CallOptions {
  /** The URL that is called, where it is not that of the sender. */
  readonly url?: string | URL;
  /** When it is sent; now, by default. */
  readonly date?: Date;
  /**
   * How the event is encoded.
   *
   * @default "form"
   */
  readonly encoding?: "form" | "json";
  /**
   * What makes the call unlike every other; a random one by default. Two calls that are equal in all, this included, are
   * the same delivery.
   */
  readonly nonce?: string;
}

/** A sender of webhooks that signs as Copernica does. */
export interface TestCopernica {
  /** The number of the account whose events it sends. */
  readonly account: number;
  /** The name of its key. */
  readonly keyId: string;
  /** The TXT records under that name: its public key. */
  readonly records: TxtRecords;
  /** Serves its public key: give it to the handler as `verify.resolveTxt`. Of any other name there are no records. */
  readonly resolveTxt: ResolveTxt;
  /**
   * Makes the signed request that brings an event.
   *
   * @param variables The event's variables, as PHP would have them; see `samples`.
   * @param options How this call differs from the others.
   */
  readonly request: (variables: Variables, options?: CallOptions) => Promise<Request>;
}

/** The headers that Copernica's signatures cover, as it spells them, in its order. */
const COVERED_HEADERS = "(request-target) Host Date Content-length Content-type X-Copernica-ID Digest X-nonce";

const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** The longest string of a TXT record. */
const TXT_STRING_LENGTH = 255;

/**
 * Makes a sender with a key pair of its own. Making one takes a good part of a second: share it between tests.
 *
 * @param options The account, and what else differs from the defaults.
 * @returns The sender.
 */
export async function createTestCopernica(options: TestCopernicaOptions = {}): Promise<TestCopernica> {
  const { account = 1234, keyId = "test._domainkey.copernica.com", keyBits = 2_048 } = options;
  const { url: defaultUrl = "https://example.com/webhooks/copernica" } = options;
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { ...RSA_SHA256, modulusLength: keyBits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const spki = toBase64(new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)));
  const records = [strings(`v=DKIM1; k=rsa; p=${spki}`)];
  return {
    account,
    keyId,
    records,
    async resolveTxt(name) {
      if (name === keyId) return records;
      throw Object.assign(new Error(`There are no TXT records of ${name}.`), { code: "ENOTFOUND" });
    },
    async request(variables, { url = defaultUrl, date = new Date(), encoding = "form", nonce = randomNonce() } = {}) {
      const body = new TextEncoder().encode(encoding === "json" ? JSON.stringify(variables) : encodeForm(variables));
      const target = new URL(url);
      const values: Record<string, string> = {
        "(request-target)": `post ${target.pathname}${target.search}`,
        host: target.host,
        date: date.toUTCString(),
        "content-length": String(body.byteLength),
        "content-type": encoding === "json" ? "application/json" : "application/x-www-form-urlencoded",
        "x-copernica-id": `account_${account}`,
        digest: `SHA-256=${toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", body)))}`,
        "x-nonce": nonce,
      };
      const lines = COVERED_HEADERS.toLowerCase()
        .split(" ")
        .map((name) => `${name}: ${values[name]}`);
      const signed = new TextEncoder().encode(lines.join("\n"));
      const signature = toBase64(new Uint8Array(await crypto.subtle.sign(RSA_SHA256, privateKey, signed)));
      const { "(request-target)": _, ...headers } = values;
      return new Request(target, {
        method: "POST",
        body,
        headers: {
          ...headers,
          signature: `keyId="${keyId}",algorithm="rsa-sha256",headers="${COVERED_HEADERS}",signature="${signature}"`,
        },
      });
    },
  };
}

/** A TXT record of DNS, as the strings that it consists of. */
function strings(record: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < record.length; start += TXT_STRING_LENGTH) {
    parts.push(record.slice(start, start + TXT_STRING_LENGTH));
  }
  return parts;
}

function randomNonce(): string {
  return crypto.randomUUID();
}

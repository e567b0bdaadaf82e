import { toBase64 } from "../../signature/base64.ts";
import type { TxtRecords } from "../../signature/dns.ts";

/** The longest string of a TXT record. */
const TXT_STRING_LENGTH = 255;

/** The TXT records that publish a key (RFC 6376, section 3.6.1). */
export async function keyRecord(publicKey: CryptoKey): Promise<TxtRecords> {
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const record = `v=DKIM1; k=rsa; p=${toBase64(spki)}`;
  return [record.match(new RegExp(`.{1,${TXT_STRING_LENGTH}}`, "g")) ?? []];
}

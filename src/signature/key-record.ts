import { fromBase64 } from "./base64.ts";
import type { TxtRecords } from "./dns.ts";
import { VerificationError } from "./error.ts";
import type { ImportRsaKey, RsaKey } from "./rsa.ts";

/** The fewest bits of an RSA key that is accepted. */
const MIN_KEY_BITS = 1_024;

/** The most bits of an RSA key that is accepted: the time that verification takes grows with them. */
const MAX_KEY_BITS = 8_192;

/** How many key records of one name are read. */
const MAX_RECORDS = 4;

/**
 * Reads the RSA keys among the TXT records of a name (RFC 6376, section 3.6.1).
 *
 * @param records The records.
 * @param importRsaKey What reads a key.
 * @param onTesting Called if the owner of a key says that it is only being tested.
 * @returns The keys, in the order of DNS; never empty.
 * @throws {VerificationError} `key_not_found`, `key_revoked` or `key_refused`, as the last record has it that is no key.
 */
export async function readKeys(
  records: TxtRecords,
  importRsaKey: ImportRsaKey,
  onTesting: () => void,
): Promise<RsaKey[]> {
  const keys: RsaKey[] = [];
  let refusal = new VerificationError("key_not_found", "DNS has no key under this keyId.");
  const keyRecords = records.map((strings) => parseTags(strings.join(""))).filter(isKeyRecord);
  for (const tags of keyRecords.slice(0, MAX_RECORDS)) {
    const key = await readKey(tags, importRsaKey);
    if (key instanceof VerificationError) {
      refusal = key;
      continue;
    }
    if (listHas(tags.get("t"), "y")) onTesting();
    keys.push(key);
  }
  if (keys.length === 0) throw refusal;
  return keys;
}

async function readKey(
  tags: ReadonlyMap<string, string>,
  importRsaKey: ImportRsaKey,
): Promise<RsaKey | VerificationError> {
  const encoded = tags.get("p")?.replace(/\s/g, "") ?? "";
  if (encoded === "") return new VerificationError("key_revoked", "The key in DNS is revoked.");
  if (!listHas(tags.get("s") ?? "*", "*")) return refuseKey("is for another service (s=)");
  if (!listHas(tags.get("h") ?? "sha256", "sha256")) return refuseKey("does not allow SHA-256 (h=)");
  const spki = fromBase64(encoded);
  if ((tags.get("k") ?? "rsa") !== "rsa" || spki === undefined) return refuseKey("is no RSA key");
  try {
    const key = await importRsaKey(spki);
    if (key.bits >= MIN_KEY_BITS && key.bits <= MAX_KEY_BITS) return key;
    return refuseKey(`has ${key.bits} bits, not ${MIN_KEY_BITS} to ${MAX_KEY_BITS}`);
  } catch (cause) {
    return refuseKey("is no RSA key", { cause });
  }
}

function refuseKey(reason: string, options?: ErrorOptions): VerificationError {
  return new VerificationError("key_refused", `The key in DNS ${reason}.`, options);
}

/** The tags of a key record: `v=DKIM1; k=rsa; p=…`. */
function parseTags(record: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of record.split(";")) {
    const equals = tag.indexOf("=");
    if (equals !== -1) tags.set(tag.slice(0, equals).trim(), tag.slice(equals + 1).trim());
  }
  return tags;
}

/** Whether a tag's list, `sha1:sha256`, has an item. */
function listHas(list: string | undefined, item: string): boolean {
  return list?.split(":").some((listed) => listed.trim().toLowerCase() === item) ?? false;
}

function isKeyRecord(tags: ReadonlyMap<string, string>): boolean {
  return tags.has("p") && (tags.get("v") ?? "DKIM1") === "DKIM1";
}

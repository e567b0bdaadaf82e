import { fromBase64 } from "../../signature/base64.ts";
import { cryptography, type RsaKey } from "../../signature/cryptography.ts";
import type { ResolveTxt, TxtRecords } from "../../signature/dns.ts";
import { VerificationError } from "../../signature/error.ts";
import { createKeyLookup } from "../../signature/keys.ts";
import { reasonOf } from "../frame/exit.ts";

/** The keys found under a keyId, and the records that they were read from. */
export interface FoundKeys {
  /** The keys; never empty. */
  readonly keys: readonly RsaKey[];
  /** The records. */
  readonly records: TxtRecords;
}

/**
 * Finds the keys of a keyId.
 *
 * @throws {VerificationError} If it is not the name of a key of Copernica's, or there is none that can be used.
 */
export async function findKeys(keyId: string, resolveTxt: ResolveTxt): Promise<FoundKeys> {
  createKeyLookup({ resolveTxt }).check(keyId);
  const records = await findRecords(keyId.toLowerCase(), resolveTxt);
  const keys: RsaKey[] = [];
  for (const strings of records) {
    const spki = fromBase64(/(?:^|;)\s*p=([^;]*)/.exec(strings.join(""))?.[1]?.trim() ?? "");
    if (spki !== undefined && spki.byteLength > 0) keys.push(await cryptography().importRsaKey(spki));
  }
  if (keys.length > 0) return { keys, records };
  throw new VerificationError("key_not_found", `DNS has no key record under ${keyId}.`);
}

async function findRecords(name: string, resolveTxt: ResolveTxt): Promise<TxtRecords> {
  try {
    const answer = await resolveTxt(name);
    return "records" in answer ? answer.records : answer;
  } catch (cause) {
    throw new VerificationError("key_unavailable", `${name} can't be looked up: ${reasonOf(cause)}.`, { cause });
  }
}

import { type ResolveTxt, type TxtRecords, toKeyError } from "../../signature/dns.ts";
import { readKeys } from "../../signature/key-record.ts";
import { createKeyLookup } from "../../signature/keys.ts";
import { createRsaImporter, type RsaKey } from "../../signature/rsa.ts";

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
  return { records, keys: await readKeys(records, createRsaImporter(), () => {}) };
}

async function findRecords(name: string, resolveTxt: ResolveTxt): Promise<TxtRecords> {
  try {
    const answer = await resolveTxt(name);
    return "records" in answer ? answer.records : answer;
  } catch (cause) {
    throw toKeyError(cause);
  }
}

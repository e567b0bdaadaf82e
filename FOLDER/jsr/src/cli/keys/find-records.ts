import { resolveTxt } from "node:dns/promises";
import type { ResolveTxt, TxtRecords } from "../../signature/dns.ts";
import { readDevelopmentKey } from "./development-key.ts";

/** How long records are remembered, in milliseconds. */
const REMEMBERED_MS = 60_000;

/** How many names are remembered. Copernica has a handful; strangers make up more. */
const MAX_REMEMBERED = 64;

/** Makes the look-up of key records that knows the development key of a file, and of all others asks DNS. */
export function createRecordLookup(keyFile: string): ResolveTxt {
  const remembered = new Map<string, { readonly records: Promise<TxtRecords>; readonly until: number }>();
  return async (name) => {
    const key = await readDevelopmentKey(keyFile);
    if (name === key?.keyId) return key.records;
    const known = remembered.get(name);
    if (known !== undefined && known.until > Date.now()) return known.records;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const records = resolveTxt(name);
    remembered.set(name, { records, until: Date.now() + REMEMBERED_MS });
    return records;
  };
}

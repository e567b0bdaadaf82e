import { resolveTxt } from "node:dns/promises";
import type { ResolveTxt } from "../../signature/dns.ts";
import { readDevelopmentKey } from "./development-key.ts";

/** Makes the look-up of key records that knows the development key of a file, and of all others asks DNS. */
export function createRecordLookup(keyFile: string): ResolveTxt {
  return async (name) => {
    const key = await readDevelopmentKey(keyFile);
    return name === key?.keyId ? key.records : await resolveTxt(name);
  };
}

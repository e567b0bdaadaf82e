import { VerificationError } from "./error.ts";

/** TXT records of a name: for each record the strings that it consists of, as `node:dns` gives them. */
export type TxtRecords = readonly (readonly string[])[];

/** TXT records with how long they may be remembered. */
export interface TxtAnswer {
  /** The records. */
  readonly records: TxtRecords;
  /** How long the records may be remembered, in seconds. */
  readonly ttlSeconds: number;
}

/** What a look-up of TXT records is told beside the name. */
export interface ResolveTxtOptions {
  /**
   * Aborted when nobody waits for the answer any more. A resolver that heeds it makes room for other look-ups at once; the query
   * of one that does not counts as under way until it ends, or for a minute.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks up a name's TXT records in DNS. It resolves to the records, or to the records with their time to live; it rejects
 * with an error whose `code` is `ENOTFOUND` or `ENODATA` if DNS says that there are none, and with any other error if DNS
 * can't be asked.
 *
 * @example
 * ```ts
 * import { promises as dns } from "node:dns";
 * import type { ResolveTxt } from "copernica-webhooks";
 *
 * const resolveTxt: ResolveTxt = async (name, { signal } = {}) => {
 *   const resolver = new dns.Resolver();
 *   resolver.setServers(["192.0.2.53"]);
 *   signal?.addEventListener("abort", () => resolver.cancel());
 *   return await resolver.resolveTxt(name);
 * };
 * ```
 */
export type ResolveTxt = (name: string, options?: ResolveTxtOptions) => Promise<TxtRecords | TxtAnswer>;

/** The codes of a look-up that DNS itself answered, by `node:dns`; Bun puts `DNS_` before them. */
const NOT_FOUND = /^(?:DNS_)?(?:ENOTFOUND|ENODATA)$/;

/** What the failure of a look-up means for a call: that there is no such key, or that nobody can say. */
export function toKeyError(cause: unknown): VerificationError {
  if (cause instanceof VerificationError) return cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  return NOT_FOUND.test(code)
    ? new VerificationError("key_not_found", "DNS has no key under this keyId.", { cause })
    : new VerificationError("key_unavailable", "DNS does not answer now; send the event again.", { cause });
}

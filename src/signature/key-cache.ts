import type { TxtAnswer } from "./dns.ts";
import type { VerificationError } from "./error.ts";
import type { RsaKey } from "./rsa.ts";

/** How many names are remembered. Copernica has a handful with keys; strangers make up the others. */
const MAX_NAMES = 1_024;

/** How long keys are remembered: if the resolver does not say, and within which bounds if it does. */
const DEFAULT_TTL_MS = 60 * 60 * 1_000;
const MIN_TTL_MS = 60 * 1_000;
const MAX_TTL_MS = 24 * 60 * 60 * 1_000;

/** How long keys hold beyond that while DNS can't be asked (RFC 8767). */
const MAX_STALE_MS = 24 * 60 * 60 * 1_000;

/** How long it is remembered that a name has no usable key, and that DNS did not answer: either can cost genuine events. */
const REFUSAL_TTL_MS = 5_000;
const UNAVAILABLE_TTL_MS = 1_000;

/** What a query for a name brought: keys, or the reason why there are none. */
export type Found =
  | { readonly keys: readonly RsaKey[]; readonly answer: TxtAnswer; readonly refusal?: undefined }
  | { readonly keys?: undefined; readonly answer?: undefined; readonly refusal: VerificationError };

/** What is remembered of a name; all times are in milliseconds since 1970. */
export type CachedName = Found & {
  /** The number of the query; a later one has a higher number. */
  readonly query: number;
  /** When that query began. */
  readonly lookedUpAt: number;
  /** When the latest query began, whatever came of it. */
  askedAt: number;
  /** Until when DNS need not be asked. */
  freshUntil: number;
  /** Until when the keys hold while DNS can't be asked. */
  readonly staleUntil: number;
  /** Whether a key of this name ever verified a signature. */
  isVerified: boolean;
};

/** Remembers names, a bounded number of them: those that never verified a signature make room first. */
export interface KeyCache {
  readonly get: (name: string) => CachedName | undefined;
  readonly entries: () => Iterable<readonly [string, CachedName]>;
  /**
   * Remembers what a query brought, but not instead of what a later one did, nor an outage instead of keys that still hold.
   * Returns what is, or would have been, remembered.
   */
  readonly remember: (name: string, found: Found, query: number, lookedUpAt: number) => CachedName;
}

/** Makes a cache that remembers nothing yet. */
export function createKeyCache(clock: () => number): KeyCache {
  const names = new Map<string, CachedName>();
  return {
    get: (name) => names.get(name),
    entries: () => names,
    remember(name, found, query, lookedUpAt) {
      const now = clock();
      const cached = names.get(name);
      const isOutage = found.refusal?.code === "key_unavailable";
      const refusedUntil = now + (isOutage ? UNAVAILABLE_TTL_MS : REFUSAL_TTL_MS);
      const freshUntil = found.answer === undefined ? refusedUntil : lookedUpAt + ttlMs(found.answer);
      const entry: CachedName = {
        ...found,
        query,
        lookedUpAt,
        askedAt: lookedUpAt,
        freshUntil,
        staleUntil: found.answer === undefined ? 0 : freshUntil + MAX_STALE_MS,
        isVerified: cached?.isVerified ?? false,
      };
      if (cached === undefined) {
        if (names.size >= MAX_NAMES) names.delete(leastWorth(names));
      } else if (cached.query > query || (isOutage && now < cached.staleUntil)) {
        return entry;
      }
      names.delete(name); // so that it comes last
      names.set(name, entry);
      return entry;
    },
  };
}

function ttlMs({ ttlSeconds }: TxtAnswer): number {
  return Number.isFinite(ttlSeconds) ? Math.min(Math.max(ttlSeconds * 1_000, MIN_TTL_MS), MAX_TTL_MS) : DEFAULT_TTL_MS;
}

/** The name that makes room: the one that came first of those that never verified a signature, else of all. */
function leastWorth(names: ReadonlyMap<string, CachedName>): string {
  for (const [name, { isVerified }] of names) if (!isVerified) return name;
  const [oldest = ""] = names.keys();
  return oldest;
}

import { withTimeout } from "../timeout.ts";
import type { TxtAnswer } from "./dns.ts";
import type { CachedName, KeyCache } from "./key-cache.ts";
import { isKeyName } from "./key-name.ts";
import { readKeys } from "./key-record.ts";
import { createRsaImporter } from "./rsa.ts";

/** How long a store has to read or write. */
const STORE_TIMEOUT_MS = 1_000;

/** Key records of a name that verified calls, as they are kept between the starts of a receiver. */
export interface StoredKey extends TxtAnswer {
  /** The name that they were found under. */
  readonly name: string;
  /** When DNS was asked for them, in milliseconds since 1970. */
  readonly lookedUpAt: number;
}

/**
 * Keeps keys where a receiver finds them when it starts, so that its first call waits for no DNS and needs none: in a file, a
 * KV store, Redis. All keys are one value, some kilobytes of JSON, read once and written about as often as DNS says that they
 * change.
 *
 * What it gives is trusted as an answer of DNS from back then, so keep it where no stranger can write: names outside the key
 * domain are passed over, and time to live and staleness count from `lookedUpAt`. A store that fails or takes longer than a
 * second is warned of, and DNS is asked.
 *
 * @example
 * ```ts
 * import { readFile, writeFile } from "node:fs/promises";
 * import { createKeyLookup } from "copernica-webhooks";
 *
 * const keys = createKeyLookup({
 *   store: {
 *     get: async () => JSON.parse(await readFile("keys.json", "utf8").catch(() => "[]")),
 *     set: (keys) => writeFile("keys.json", JSON.stringify(keys)),
 *   },
 * });
 * ```
 */
export interface KeyStore {
  /** Gives what `set` was given last, by this process or another; undefined, null or an empty list if nothing was. */
  readonly get: () => unknown;
  /** Keeps all keys, instead of those that were kept before. */
  readonly set: (keys: readonly StoredKey[]) => unknown;
}

/** Brings what a store has into a cache, and what is new in the cache into the store. */
export interface StoredKeys {
  /** Fills the cache, once. */
  readonly load: () => Promise<void>;
  /** Keeps what the cache has, if the store's copy of a name that just verified a signature is another or old. */
  readonly save: (name: string, verified: CachedName) => Promise<void>;
}

/** What the keys in a store are judged by, and whom its failures are told. */
export interface StoreSettings {
  readonly keyDomain: string;
  readonly clock: () => number;
  readonly warn: (message: string, cause?: unknown) => void;
}

/** Connects a store with a cache. */
export function connectStore(store: KeyStore, cache: KeyCache, { keyDomain, clock, warn }: StoreSettings): StoredKeys {
  let loading: Promise<void> | undefined;
  let isLoaded = false;
  /** The records of each name in the store, and until when they are fresh. */
  const copies = new Map<string, { readonly records: string; readonly freshUntil: number }>();

  function copy(name: string, { answer, freshUntil }: CachedName): void {
    copies.set(name, { records: JSON.stringify(answer?.records), freshUntil });
  }

  async function fillCache(): Promise<void> {
    const importRsaKey = createRsaImporter();
    const stored = ((await store.get()) ?? []) as readonly StoredKey[]; // what is not so fails below, and is warned of
    for (const { name, lookedUpAt, ...answer } of stored) {
      if (!isKeyName(name, keyDomain) || !(lookedUpAt <= clock())) continue;
      const keys = await readKeys(answer.records, importRsaKey, () => {});
      const loaded = cache.remember(name.toLowerCase(), { keys, answer }, 0, lookedUpAt);
      loaded.isVerified = true;
      copy(name.toLowerCase(), loaded);
    }
  }

  async function useStore(use: () => unknown): Promise<void> {
    try {
      await withTimeout((async () => use())(), STORE_TIMEOUT_MS, () => {
        return new Error(`It took longer than ${STORE_TIMEOUT_MS} ms.`);
      });
    } catch (cause) {
      warn("The store of keys failed; DNS is asked instead.", cause);
    }
  }

  return {
    async load() {
      if (isLoaded) return;
      await useStore(() => {
        loading ??= fillCache();
        return loading;
      });
      isLoaded = true;
    },
    async save(name, verified) {
      const stored = copies.get(name);
      if (stored?.records === JSON.stringify(verified.answer?.records) && clock() < stored.freshUntil) return;
      copy(name, verified);
      const all: StoredKey[] = [];
      for (const [other, { isVerified, answer, lookedUpAt }] of cache.entries()) {
        if (isVerified && answer !== undefined) all.push({ name: other, ...answer, lookedUpAt });
      }
      await useStore(() => store.set(all));
    },
  };
}

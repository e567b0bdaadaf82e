import { type Awaitable, whenKnown } from "../awaitable.ts";
import { callback, clockFunction, objectWith, optional, text, withDefault } from "../options/readers.ts";
import { invalidOption, type OptionReader, type Settled, settleOptions } from "../options/settle.ts";
import { withTimeout } from "../timeout.ts";
import { type ResolveTxt, toKeyError } from "./dns.ts";
import { VerificationError } from "./error.ts";
import { type CachedName, createKeyCache, type Found, type KeyCache } from "./key-cache.ts";
import { isDomainName, isKeyName } from "./key-name.ts";
import { readKeys } from "./key-record.ts";
import { connectStore, type KeyStore, type StoredKeys } from "./key-store.ts";
import { limitLookups, tooMany } from "./lookups.ts";
import { defaultResolveTxt } from "./resolver.ts";
import { createRsaImporter, type RsaKey } from "./rsa.ts";

/** The domain that all of Copernica's keys lie below. */
export const DEFAULT_KEY_DOMAIN = "copernica.com";

/**
 * How long lies at least between two look-ups of a name because signatures fail, so that nobody can make more of them. Calls
 * wait for the next one: a key that rotated is found then, whatever was forged before. Resolvers answer from their own caches.
 */
const REFRESH_INTERVAL_MS = 1_000;

/** How many calls may wait for keys to be looked up afresh; the next are answered 503. A Worker has 10,000 timers. */
const MAX_WAITING_CALLS = 5_000;

/** How long a call waits for DNS before it is verified with a key that is no longer fresh (RFC 8767, section 5). */
const STALE_AFTER_MS = 1_800;

/** How long such a key is used before DNS is asked again (RFC 8767, section 5). */
const STALE_RECHECK_MS = 30_000;

/** How keys are looked up. */
export interface KeyLookupOptions {
  /**
   * Looks up TXT records.
   *
   * @default the runtime's own DNS; on Workers, which have none, DNS over HTTPS by Cloudflare
   */
  readonly resolveTxt?: ResolveTxt | undefined;
  /**
   * The domain that all keys must lie below.
   *
   * @default "copernica.com"
   */
  readonly keyDomain?: string | undefined;
  /**
   * The current time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined;
  /** Where keys are kept between the starts of a receiver. Without one, each start asks DNS. */
  readonly store?: KeyStore | undefined;
  /**
   * Called with what is no error of a call, and that you should know: that a key is only being tested, that the store failed.
   *
   * @default console.warn
   */
  readonly onWarning?: ((message: string, cause?: unknown) => unknown) | undefined;
}

/** Looks up Copernica's public keys in DNS, remembers them, and verifies signatures with them. */
export interface KeyLookup {
  /**
   * Checks that a keyId is the name of a key below the key domain, without any look-up.
   *
   * @throws {VerificationError} `key_id_refused`, if it is not.
   */
  readonly check: (keyId: string) => void;
  /**
   * Verifies a signature with the keys of a keyId. If none of those that are remembered verifies it, they may have rotated: it
   * waits for them to be looked up afresh, which is done once a second at most.
   *
   * @param keyId The name of the key.
   * @param data What was signed.
   * @param signature The signature.
   * @returns Whether one of the keys in DNS verifies it: a promise of that, unless there is nothing to wait for. It never throws,
   * but rejects.
   * @throws {VerificationError} `key_id_refused`, if it is not below the key domain; `key_not_found`, `key_revoked` or
   * `key_refused`, if DNS has no usable key of this name; `key_unavailable`, if DNS can't be asked, so that nobody can say.
   */
  readonly verify: (keyId: string, data: Uint8Array, signature: Uint8Array) => Awaitable<boolean>;
}

/** The name of a domain, in lower case, as the names of keys are compared with it. */
const domainName: OptionReader<string> = (given, option) => {
  const domain = text(given, option).toLowerCase();
  if (isDomainName(domain)) return domain;
  throw invalidOption(option, "the name of a domain, copernica.com", given);
};

/** The readers of the options that say how keys are looked up, of the handler's `verify` too. */
export const keyReaders: {
  readonly resolveTxt: OptionReader<ResolveTxt>;
  readonly keyDomain: OptionReader<string>;
  readonly clock: OptionReader<() => number>;
} = {
  resolveTxt: withDefault(defaultResolveTxt, callback<ResolveTxt>()),
  keyDomain: withDefault(() => DEFAULT_KEY_DOMAIN, domainName),
  clock: clockFunction,
};

/** The settings of a look-up of keys. */
export interface KeySettings extends Settled<typeof keyReaders> {
  /** Tells the receiver what is no error of a call; never throws. */
  readonly warn: (message: string, cause?: unknown) => void;
}

/**
 * Makes a look-up of Copernica's keys: for a receiver that verifies signatures itself, or for several handlers to share.
 * Bounded in all that a stranger can make it do: names are checked before they are looked up, each is looked up once at a
 * time, eight at once, those that verified before first; a call waits for half a minute at most.
 *
 * Keys are remembered as long as DNS says, but at least a minute and at most a day; for an hour if the resolver does not tell,
 * as `node:dns`. While DNS can't be asked they hold for a day more. That a name has no usable key is remembered for 5 seconds.
 *
 * @param options The resolver, and what else differs from the defaults.
 * @returns The look-up.
 * @throws {InvalidOptionError} If an option can't be used.
 *
 * @example
 * ```ts
 * import { createKeyLookup, createWebhookHandler } from "copernica-webhooks";
 *
 * const keys = createKeyLookup();
 * const ours = createWebhookHandler({ account: 1234, verify: { keys } });
 * const theirs = createWebhookHandler({ account: 5678, verify: { keys } });
 * ```
 */
export function createKeyLookup(options: KeyLookupOptions = {}): KeyLookup {
  const { store, onWarning, ...rest } = settleOptions("createKeyLookup", options, {
    ...keyReaders,
    store: optional(objectWith<KeyStore>("get", "set")),
    onWarning: withDefault(() => console.warn, callback<NonNullable<KeyLookupOptions["onWarning"]>>()),
  });
  const settings: KeySettings = {
    ...rest,
    warn(...warning) {
      (async () => onWarning(...warning))().catch(console.error);
    },
  };
  const cache = createKeyCache(settings.clock);
  return buildKeyLookup(settings, cache, store && connectStore(store, cache, settings));
}

/** As {@link createKeyLookup}, with settled options; apart from it, so that a handler alone has no code for stores. */
export function buildKeyLookup(
  settings: KeySettings,
  cache: KeyCache = createKeyCache(settings.clock),
  stored?: StoredKeys,
): KeyLookup {
  const { resolveTxt, keyDomain, clock, warn } = settings;
  const importRsaKey = createRsaImporter();
  const lookups = limitLookups(lookUpNow, clock);
  let queries = 0;
  let waitingCalls = 0;
  let hasWarnedOfTest = false;

  return {
    check,
    verify(keyId, data, signature) {
      const queriesBefore = queries;
      try {
        check(keyId);
        const name = keyId.toLowerCase();
        return whenKnown(getFresh(name) ?? find(name), (known) => verifyWith(name, known));
      } catch (cause) {
        return Promise.reject(cause); // as it does if something has to be waited for
      }

      function verifyWith(name: string, known: CachedName): Awaitable<boolean> {
        if (known.refusal !== undefined) throw known.refusal;
        return whenKnown(isSignedByOne(known.keys, data, signature), (isSigned) => {
          if (isSigned) return noteVerified(name, known);
          if (known.query > queriesBefore) return false;
          return lookUpAfresh(name, known).then((latest) => verifyWith(name, latest));
        });
      }
    },
  };

  function noteVerified(name: string, known: CachedName): Awaitable<true> {
    known.isVerified = true;
    return stored === undefined ? true : stored.save(name, known).then(() => true);
  }

  async function find(name: string): Promise<CachedName> {
    if (stored !== undefined && cache.get(name) === undefined) await stored.load();
    return getFresh(name) ?? (await lookUpOrUseStale(name, cache.get(name)));
  }

  /** What is remembered of a name, if DNS need not be asked. */
  function getFresh(name: string): CachedName | undefined {
    const cached = cache.get(name);
    return cached !== undefined && clock() < cached.freshUntil ? cached : undefined;
  }

  function check(keyId: string): void {
    // What is remembered was checked before it was looked up.
    if (cache.get(keyId) !== undefined || isKeyName(keyId, keyDomain)) return;
    throw new VerificationError("key_id_refused", `The keyId must be a name below ${keyDomain}.`);
  }

  async function lookUp(name: string): Promise<CachedName> {
    return await lookups.lookUp(name, cache.get(name)?.isVerified ?? false);
  }

  async function lookUpOrUseStale(name: string, cached: CachedName | undefined): Promise<CachedName> {
    if (cached === undefined || !(clock() < cached.staleUntil)) return await lookUp(name);
    // Whatever goes wrong here, DNS could not be asked.
    const found = await withTimeout(lookUp(name), STALE_AFTER_MS, () => new Error()).catch(() => undefined);
    if (found !== undefined && found.refusal?.code !== "key_unavailable") return found;
    cached.freshUntil = Math.min(clock() + STALE_RECHECK_MS, cached.staleUntil);
    return cached;
  }

  async function lookUpAfresh(name: string, known: CachedName): Promise<CachedName> {
    if (waitingCalls >= MAX_WAITING_CALLS) throw tooMany();
    waitingCalls += 1;
    try {
      if (!lookups.has(name)) {
        if (cache.get(name) === known) await pauseFrom(known.askedAt);
        const latest = cache.get(name);
        if (latest !== undefined && latest !== known) return latest;
      }
      return await lookUp(name);
    } finally {
      waitingCalls -= 1;
    }
  }

  /** Waits for the rest of the time between two look-ups. Each call has its own timer: a Worker's ends with its request. */
  async function pauseFrom(askedAt: number): Promise<void> {
    const milliseconds = askedAt + REFRESH_INTERVAL_MS - clock();
    // More than the whole time is left only if the clock was set back.
    if (milliseconds <= 0 || milliseconds > REFRESH_INTERVAL_MS) return;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  async function lookUpNow(name: string, signal: AbortSignal): Promise<CachedName> {
    const isVerified = cache.get(name)?.isVerified;
    for (let isFirst = true; ; isFirst = false) {
      queries += 1;
      const query = queries;
      const lookedUpAt = clock();
      const cached = cache.get(name);
      if (cached !== undefined) cached.askedAt = lookedUpAt;
      const found = await queryDns(name, signal);
      // One answer is not enough to refuse a name that verified before: a server may lag behind.
      const isDoubtful =
        isFirst && isVerified && found.refusal !== undefined && found.refusal.code !== "key_unavailable";
      if (!isDoubtful) return cache.remember(name, found, query, lookedUpAt);
    }
  }

  async function queryDns(name: string, signal: AbortSignal): Promise<Found> {
    try {
      const given = await resolveTxt(name, { signal });
      const answer = "records" in given ? given : { records: given, ttlSeconds: Number.NaN };
      return { answer, keys: await readKeys(answer.records, importRsaKey, warnOfTest) };
    } catch (cause) {
      return { refusal: toKeyError(cause) };
    }
  }

  function warnOfTest(): void {
    if (!hasWarnedOfTest) warn("Copernica's key is marked as a test (t=y), and used like any other.");
    hasWarnedOfTest = true;
  }
}

/** Whether one of some keys verifies a signature. */
function isSignedByOne(keys: readonly RsaKey[], data: Uint8Array, signature: Uint8Array): Awaitable<boolean> {
  const [key, ...others] = keys;
  if (key === undefined) return false;
  return whenKnown(key.verify(data, signature), (isSigned) => isSigned || isSignedByOne(others, data, signature));
}

import { InvalidOptionError } from "../errors.ts";
import { callback, clockFunction, optional, text, withDefault } from "../options/readers.ts";
import type { OptionReader } from "../options/settle.ts";
import { withTimeout } from "../timeout.ts";
import { fromBase64 } from "./base64.ts";
import { type Cryptography, cryptography, type RsaKey } from "./cryptography.ts";
import { defaultResolveTxt, type ResolveTxt, type TxtRecords } from "./dns.ts";
import { VerificationError } from "./error.ts";

/** The domain that all of Copernica's keys lie below. */
export const DEFAULT_KEY_DOMAIN = "copernica.com";

/** The fewest bits of an RSA key that is accepted. */
const MIN_KEY_BITS = 1_024;

/** The most bits of an RSA key that is accepted: the time that verification takes grows with them. */
const MAX_KEY_BITS = 8_192;

/** How many keys are remembered. Copernica has a handful. */
const MAX_CACHED_KEYS = 64;

/** How many names without a usable key are remembered. */
const MAX_CACHED_FAILURES = 1_024;

/** How many look-ups of names that had no key before may be under way at once. */
const MAX_LOOKUPS_UNDER_WAY = 8;

/** How many key records of one name are read. */
const MAX_RECORDS = 4;

/** How long a key is remembered: where the resolver does not say, and within which bounds where it does. */
const DEFAULT_TTL_MS = 60 * 60 * 1_000;
const MIN_TTL_MS = 60 * 1_000;
const MAX_TTL_MS = 24 * 60 * 60 * 1_000;

/** How long it is remembered that a name has no usable key, and that DNS did not answer. */
const REFUSAL_TTL_MS = 60 * 1_000;
const UNAVAILABLE_TTL_MS = 5 * 1_000;

/** How long lies at least between two look-ups of a key because a signature failed. */
const REFRESH_INTERVAL_MS = 60 * 1_000;

/** How long DNS has to answer. */
const LOOKUP_TIMEOUT_MS = 5_000;

/** How keys are looked up. */
export interface KeyLookupOptions {
  /**
   * Looks up TXT records.
   *
   * @default `node:dns` where the runtime has it, else DNS over HTTPS
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
}

/** How each option of a look-up is read, here and among the options of the handler. */
export const keyLookupReaders: {
  readonly resolveTxt: OptionReader<ResolveTxt | undefined>;
  readonly keyDomain: OptionReader<string>;
  readonly clock: OptionReader<() => number>;
} = {
  resolveTxt: optional(callback<ResolveTxt>()),
  keyDomain: withDefault(() => DEFAULT_KEY_DOMAIN, text),
  clock: clockFunction,
};

interface FoundKeys {
  readonly keys: readonly RsaKey[];
  readonly remembered: boolean;
}

/** Looks up Copernica's public keys in DNS, and verifies signatures with them. */
export interface KeyLookup {
  /** Throws `key_id_refused` if the keyId is not the name of a key; looks nothing up. */
  readonly check: (keyId: string) => void;
  /** Whether a signature over data is one of a key of this name. */
  readonly verify: (keyId: string, data: Uint8Array, signature: Uint8Array) => Promise<boolean>;
}

interface CachedKeys {
  readonly keys: readonly RsaKey[];
  readonly expiresAt: number;
  refreshedAt: number;
  confirmed: boolean;
}

interface CachedFailure {
  readonly error: KeyFailure;
  readonly expiresAt: number;
}

type KeyFailure = VerificationError | VerificationError | VerificationError | VerificationError;

/**
 * Makes a look-up of Copernica's keys, for a receiver that verifies signatures itself. Bounded in all that a stranger can
 * make it do: names are checked before they are looked up, one name is looked up once at a time, few are under way at
 * once, and failures can't push out keys.
 *
 * Keys are remembered as long as DNS says, but at least a minute and at most a day; for an hour where the resolver does not
 * tell, as `node:dns`. What went wrong is remembered for a minute, and that DNS did not answer for 5 seconds.
 *
 * @param options The resolver, and what else differs from the defaults.
 * @returns The look-up.
 * @throws {InvalidOptionError} Where an option can't be used.
 *
 * @example
 * ```ts
 * import { createKeyLookup } from "copernica-webhooks";
 *
 * const { keys } = await createKeyLookup().find("one._domainkey.copernica.com");
 * console.log(keys[0]?.bits);
 * ```
 */
export function createKeyLookup(options: KeyLookupOptions = {}): KeyLookup {
  const { resolveTxt = defaultResolveTxt(), clock = Date.now } = options;
  const keyDomain = checkKeyDomain(options.keyDomain ?? DEFAULT_KEY_DOMAIN);
  const rsa = cryptography();
  const cache = new Map<string, CachedKeys>();
  const failures = new Map<string, CachedFailure>();
  const underWay = new Map<string, Promise<FoundKeys>>();
  let strangersUnderWay = 0;

  function lookUp(name: string): Promise<FoundKeys> {
    const shared = underWay.get(name);
    if (shared !== undefined) return shared;
    const stranger = !cache.has(name);
    if (stranger && strangersUnderWay >= MAX_LOOKUPS_UNDER_WAY) {
      return Promise.reject(
        new VerificationError("key_unavailable", "Too many keys are being looked up; send the event again."),
      );
    }
    if (stranger) strangersUnderWay += 1;
    const lookup = lookUpNow(name).finally(() => {
      underWay.delete(name);
      if (stranger) strangersUnderWay -= 1;
    });
    underWay.set(name, lookup);
    return lookup;
  }

  async function lookUpNow(name: string): Promise<FoundKeys> {
    try {
      const answer = await withTimeout(Promise.resolve(resolveTxt(name)), LOOKUP_TIMEOUT_MS, () => {
        return new Error(`DNS did not answer within ${LOOKUP_TIMEOUT_MS} ms.`);
      });
      const { records, ttlSeconds } = "records" in answer ? answer : { records: answer, ttlSeconds: undefined };
      const keys = await readKeys(records, rsa);
      remember(name, keys, ttlMs(ttlSeconds));
      return { keys, remembered: false };
    } catch (cause) {
      const error = failureOf(cause);
      // A key that can't be looked up at the moment is not a key that is gone.
      if (error.code !== "key_unavailable") cache.delete(name);
      if (!cache.has(name)) rememberFailure(name, error);
      throw error;
    }
  }

  function remember(name: string, keys: readonly RsaKey[], ttl: number): void {
    const known = cache.get(name);
    failures.delete(name);
    cache.delete(name);
    if (cache.size >= MAX_CACHED_KEYS) {
      const [oldest] = cache.keys();
      const doubtful = [...cache].find(([, { confirmed }]) => !confirmed)?.[0] ?? oldest;
      if (doubtful !== undefined) cache.delete(doubtful);
    }
    cache.set(name, {
      keys,
      expiresAt: clock() + ttl,
      refreshedAt: known?.refreshedAt ?? Number.NEGATIVE_INFINITY,
      confirmed: known?.confirmed ?? false,
    });
  }

  function rememberFailure(name: string, error: KeyFailure): void {
    failures.delete(name);
    const [oldest] = failures.keys();
    if (oldest !== undefined && failures.size >= MAX_CACHED_FAILURES) failures.delete(oldest);
    const ttl = error.code === "key_unavailable" ? UNAVAILABLE_TTL_MS : REFUSAL_TTL_MS;
    failures.set(name, { error, expiresAt: clock() + ttl });
  }

  const lookup = {
    async find(keyId: string): Promise<FoundKeys> {
      const cached = cache.get(keyId.toLowerCase());
      if (cached !== undefined && clock() < cached.expiresAt) return { keys: cached.keys, remembered: true };
      const name = checkKeyId(keyId, keyDomain);
      const failure = failures.get(name);
      if (failure !== undefined && clock() < failure.expiresAt) throw failure.error;
      return await lookUp(name);
    },
    async refresh(keyId: string): Promise<FoundKeys | undefined> {
      const name = checkKeyId(keyId, keyDomain);
      const cached = cache.get(name);
      if (cached !== undefined) {
        if (!underWay.has(name) && clock() - cached.refreshedAt < REFRESH_INTERVAL_MS) return undefined;
        cached.refreshedAt = clock();
      }
      return await lookUp(name);
    },
    confirm(keyId: string): void {
      const cached = cache.get(keyId.toLowerCase());
      if (cached !== undefined) cached.confirmed = true;
    },
  };
  return {
    check(keyId) {
      checkKeyId(keyId, keyDomain);
    },
    async verify(keyId, data, signature) {
      let found = await lookup.find(keyId);
      for (;;) {
        for (const key of found.keys) {
          if (await key.verify(data, signature)) {
            lookup.confirm(keyId);
            return true;
          }
        }
        const refreshed = found.remembered ? await lookup.refresh(keyId) : undefined;
        if (refreshed === undefined) return false;
        found = refreshed;
      }
    },
  };
}

/** The domain in lower case, as the names of keys are compared with it. */
function checkKeyDomain(keyDomain: string): string {
  const domain = String(keyDomain).toLowerCase();
  if (domain.split(".").every((label) => LABEL.test(label))) return domain;
  throw new InvalidOptionError("keyDomain must be the name of a domain: copernica.com.");
}

/** The name of a key, in lower case, where it lies strictly below the domain and is a name that DNS can have. */
function checkKeyId(keyId: string, keyDomain: string): string {
  const name = keyId.toLowerCase();
  if (name.length > 253 || !name.endsWith(`.${keyDomain}`) || !keyId.split(".").every((label) => LABEL.test(label))) {
    throw new VerificationError("key_id_refused", `The keyId must be the name of a key below ${keyDomain}.`);
  }
  return name;
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

function ttlMs(ttlSeconds: number | undefined): number {
  if (ttlSeconds === undefined || !Number.isFinite(ttlSeconds)) return DEFAULT_TTL_MS;
  return Math.min(Math.max(ttlSeconds * 1_000, MIN_TTL_MS), MAX_TTL_MS);
}

/** The failures of a look-up that DNS itself answered with, by the codes of `node:dns`; Bun puts `DNS_` before them. */
const NOT_FOUND = /^(?:DNS_)?(?:ENOTFOUND|ENODATA)$/;

function failureOf(cause: unknown): KeyFailure {
  if (cause instanceof VerificationError || cause instanceof VerificationError || cause instanceof VerificationError)
    return cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (NOT_FOUND.test(code))
    return new VerificationError("key_not_found", "DNS has no key under this keyId.", { cause });
  return new VerificationError(
    "key_unavailable",
    "DNS can't be asked for the key at the moment; send the event again.",
    { cause },
  );
}

/** Reads the RSA keys among the TXT records of a name (RFC 6376, section 3.6.1). */
async function readKeys(records: TxtRecords, rsa: Cryptography): Promise<RsaKey[]> {
  const keys: RsaKey[] = [];
  let refusal: KeyFailure = new VerificationError("key_not_found", "DNS has no key record under this keyId.");
  for (const tags of records
    .map((strings) => readTags(strings.join("")))
    .filter(isKeyRecord)
    .slice(0, MAX_RECORDS)) {
    const encoded = tags.get("p")?.replace(/\s/g, "") ?? "";
    if (encoded === "") {
      refusal = new VerificationError("key_revoked", "The key that signed this call is revoked.");
      continue;
    }
    const key = await readKey(tags.get("k") ?? "rsa", encoded, rsa);
    if (key instanceof VerificationError) refusal = key;
    else keys.push(key);
  }
  if (keys.length === 0) throw refusal;
  return keys;
}

async function readKey(type: string, encoded: string, rsa: Cryptography): Promise<RsaKey | VerificationError> {
  const spki = fromBase64(encoded);
  if (type !== "rsa" || spki === undefined)
    return new VerificationError("key_refused", "The key record in DNS does not hold an RSA key.");
  try {
    const key = await rsa.importRsaKey(spki);
    if (key.bits >= MIN_KEY_BITS && key.bits <= MAX_KEY_BITS) return key;
    return new VerificationError(
      "key_refused",
      `The key must have ${MIN_KEY_BITS} to ${MAX_KEY_BITS} bits; it has ${key.bits}.`,
    );
  } catch (cause) {
    return new VerificationError("key_refused", "The key record in DNS does not hold a readable RSA key.", { cause });
  }
}

/** The tags of a key record: `v=DKIM1; k=rsa; p=…`. */
function readTags(record: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of record.split(";")) {
    const equals = tag.indexOf("=");
    if (equals !== -1) tags.set(tag.slice(0, equals).trim(), tag.slice(equals + 1).trim());
  }
  return tags;
}

function isKeyRecord(tags: ReadonlyMap<string, string>): boolean {
  return tags.has("p") && (tags.get("v") ?? "DKIM1") === "DKIM1";
}

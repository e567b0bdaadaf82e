import { describe, expect, test, vi } from "vitest";
import {
  createKeyLookup,
  InvalidOptionError,
  type TxtAnswer,
  type TxtRecords,
  VerificationError,
  verifySignature,
} from "../../src/index.ts";
import {
  createWorld,
  DAY,
  dnsError,
  elapse,
  failing,
  genuine,
  HOUR,
  MINUTE,
  NAME,
  never,
  other,
  SECOND,
  skip,
  stopTheClock,
} from "../fixtures/keys.ts";
import { BODY, createSigner, NOW } from "../fixtures/signer.ts";

const good: TxtRecords = [[genuine.record]];

stopTheClock();

describe("a key is remembered", () => {
  test.each<[string, TxtRecords | TxtAnswer, number]>([
    ["as long as DNS says", { records: good, ttlSeconds: 600 }, 10 * MINUTE],
    ["for a minute if DNS says less", { records: good, ttlSeconds: 5 }, MINUTE],
    ["for a minute if DNS says nothing can be remembered", { records: good, ttlSeconds: 0 }, MINUTE],
    ["for a minute if DNS says nonsense", { records: good, ttlSeconds: -1 }, MINUTE],
    ["for a day if DNS says more", { records: good, ttlSeconds: 30 * 86_400 }, DAY],
    ["for an hour if the resolver hides the time", good, HOUR],
    ["for an hour if the time is no number", { records: good, ttlSeconds: Number.NaN }, HOUR],
    ["for an hour if the time is not finite", { records: good, ttlSeconds: Number.POSITIVE_INFINITY }, HOUR],
    // A resolver that is not written in TypeScript.
    ["for an hour if the time is a text", { records: good, ttlSeconds: "600" as unknown as number }, HOUR],
  ])("%s", async (_, answer, milliseconds) => {
    const world = createWorld();
    world.answer = async () => answer;
    expect(await world.cost()).toBe(1);
    skip(milliseconds - 1);
    expect(await world.cost()).toBe(0);
    skip(1);
    expect(await world.cost()).toBe(1);
    expect(await world.cost()).toBe(0);
  });

  test("under its name in any case", async () => {
    const world = createWorld();
    expect(await world.call("One._DomainKey.COPERNICA.com")).toBe("verified");
    expect(await world.cost()).toBe(0);
    expect(world.queries).toMatchObject([{ name: NAME }]);
  });

  test("once for all who ask at the same time", async () => {
    const world = createWorld();
    const calls = await Promise.all(Array.from({ length: 50 }, () => world.call()));
    expect(new Set(calls)).toEqual(new Set(["verified"]));
    expect(world.queries).toHaveLength(1);
  });

  test("for all who share the look-up", async () => {
    const signer = await createSigner();
    let queries = 0;
    const keys = createKeyLookup({
      async resolveTxt() {
        queries += 1;
        return [[signer.record]];
      },
    });
    for (const account of [1234, 5678]) {
      const request = await signer.sign({ signed: { "x-copernica-id": `account_${account}` } });
      const options = { account, keys, clock: () => NOW };
      await expect(verifySignature(request, new TextEncoder().encode(BODY), options)).resolves.toBeDefined();
    }
    expect(queries).toBe(1);
  });

  test("not at all if the clock gives no number", async () => {
    const world = createWorld({ clock: () => Number.NaN });
    expect(await world.cost()).toBe(1);
    expect(await world.cost()).toBe(1);
  });
});

describe("a failure is remembered", () => {
  test.each<[string, string, ReturnType<typeof createWorld>["answer"], number]>([
    ["of a name that does not exist", "key_not_found", failing("ENOTFOUND"), 5 * SECOND],
    ["of a name without TXT records", "key_not_found", failing("ENODATA"), 5 * SECOND],
    ["of a name that Bun does not find", "key_not_found", failing("DNS_ENOTFOUND"), 5 * SECOND],
    ["of a name without records", "key_not_found", async () => [], 5 * SECOND],
    ["of a name with other records", "key_not_found", async () => [["v=spf1 -all"], ["google-site=1"]], 5 * SECOND],
    ["of a revoked key", "key_revoked", async () => [["v=DKIM1; p="]], 5 * SECOND],
    ["of a weak key", "key_refused", async () => [["v=DKIM1; p=MAA="]], 5 * SECOND],
    ["of a DNS that fails", "key_unavailable", failing("ESERVFAIL"), SECOND],
    ["of a DNS that refuses", "key_unavailable", failing("EREFUSED"), SECOND],
    ["of a DNS that is not there", "key_unavailable", failing("ECONNREFUSED"), SECOND],
    ["of a DNS that is slow", "key_unavailable", failing("ETIMEOUT"), SECOND],
    ["of a resolver that fails for no reason", "key_unavailable", failing("constructor"), SECOND],
  ])("%s", async (_, code, answer, milliseconds) => {
    const world = createWorld();
    world.answer = answer;
    expect(await world.call()).toBe(code);
    skip(milliseconds - 1);
    expect(await world.call()).toBe(code);
    expect(world.queries).toHaveLength(1);
    skip(1);
    world.answer = async () => good;
    expect(await world.call()).toBe("verified");
    expect(world.queries).toHaveLength(2);
  });

  test("by all who ask at the same time", async () => {
    const world = createWorld();
    world.answer = failing("ENOTFOUND");
    const calls = await Promise.all(Array.from({ length: 50 }, () => world.call()));
    expect(new Set(calls)).toEqual(new Set(["key_not_found"]));
    expect(world.queries).toHaveLength(1);
  });

  test("with its cause, which is not told to strangers", async () => {
    const world = createWorld();
    world.answer = failing("ESERVFAIL");
    const verifying = async (): Promise<unknown> => world.keys.verify(NAME, new Uint8Array(), new Uint8Array());
    const error = await verifying().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 503, retryAfterSeconds: expect.any(Number), cause: dnsError("ESERVFAIL") });
    expect(String(error)).not.toContain("ESERVFAIL");
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a number", 42],
    ["a text", "v=DKIM1; p="],
    ["an empty object", {}],
    ["records that are a number", { records: 5, ttlSeconds: 60 }],
    ["records that are null", { records: null, ttlSeconds: 60 }],
    ["a record that is null", [null]],
    ["a record that is a text", [genuine.record]],
    ["a string that is an object", [[{}]]],
    ["a string that is a symbol", [[Symbol("p")]]],
  ])("of a resolver that returns %s", async (_, garbage) => {
    const world = createWorld();
    world.answer = async () => garbage as TxtRecords; // as no TypeScript would let it
    expect(await world.call()).toMatch(/^key_(unavailable|not_found)$/);
    skip(5 * SECOND);
    world.answer = async () => [[genuine.record]];
    expect(await world.call()).toBe("verified");
  });

  test.each<[string, () => never]>([
    [
      "throws at once",
      () => {
        throw new Error("no resolver");
      },
    ],
    [
      "throws no error",
      () => {
        throw undefined;
      },
    ],
    [
      "throws null",
      () => {
        throw null;
      },
    ],
    [
      "throws an odd code",
      () => {
        throw { code: { toString: () => "ENOTFOUNDER" } };
      },
    ],
  ])("of a resolver that %s", async (_, answer) => {
    const world = createWorld();
    world.answer = answer;
    expect(await world.call()).toBe("key_unavailable");
    world.answer = async () => answer();
    skip(5 * SECOND);
    expect(await world.call()).toBe("key_unavailable");
  });

  test("not of a resolver that answers without a promise", async () => {
    const world = createWorld();
    world.answer = () => [[genuine.record]] as unknown as Promise<TxtRecords>; // as no TypeScript would let it
    expect(await world.call()).toBe("verified");
  });

  test("after the 5 seconds that DNS has to answer", async () => {
    const world = createWorld();
    world.answer = () => never();
    const call = world.call();
    await elapse(4_999);
    expect(await Promise.race([call, "waiting"])).toBe("waiting");
    await elapse(1);
    expect(await call).toBe("key_unavailable");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("and an answer in time leaves no timer behind", async () => {
    const world = createWorld();
    await world.call();
    world.answer = failing("ENOTFOUND");
    await world.call("two.copernica.com");
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("an answer that comes after that of a later query is not remembered", async () => {
  const world = createWorld();
  const answers: ((records: TxtRecords) => void)[] = [];
  world.answer = () => new Promise((resolve) => answers.push(resolve));
  const first = world.call();
  await elapse(5 * SECOND);
  expect(await first).toBe("key_unavailable");
  const second = world.call();
  await elapse(100);
  answers[1]?.([[other.record]]);
  expect(await second).toBe("mismatch");
  answers[0]?.(good);
  await elapse(100);
  expect(await world.call(NAME, other)).toBe("verified");
  expect(world.queries).toHaveLength(2);
});

describe("a name", () => {
  test.each([
    "one\0.copernica.com",
    "öne.copernica.com",
    "one.copernica.com\u00a0",
    "one\n.copernica.com",
    "one\r\nHost: evil.nl\r\n.copernica.com",
    "\u202eone.copernica.com",
    "one\u3002copernica.com",
    "one.copernica\uff0ecom",
    "one._domain\u212aey.copernica.com", // the sign for kelvin, whose lower case is a k
    "one.copern\u0130ca.com",
    "",
    "a".repeat(100_000),
    `${"a.".repeat(100_000)}copernica.com`,
  ])("that DNS can't have is refused before any look-up: %j", async (keyId) => {
    const world = createWorld();
    await world.call("one._domainkey.copernica.com");
    expect(await world.call(keyId)).toBe("key_id_refused");
    expect(() => world.keys.check(keyId)).toThrow(VerificationError);
    expect(world.queries).toHaveLength(1);
  });

  test("can be as long as names are in DNS", async () => {
    const world = createWorld();
    const label = `${"a".repeat(63)}.`;
    const longest = `${label.repeat(3)}${"b".repeat(47)}.copernica.com`;
    expect(longest).toHaveLength(253);
    expect(await world.call(longest)).toBe("verified");
    expect(await world.call(`b${longest}`)).toBe("key_id_refused");
  });
});

describe("a mistake in an option of createKeyLookup is refused", () => {
  test.each<[string, object, RegExp]>([
    ["a misspelled one", { resolver: async () => [] }, /^createKeyLookup has no option resolve/],
    ["a resolver that is none", { resolveTxt: "1.1.1.1" }, /^createKeyLookup: resolveTxt must be a function/],
    ["a key domain that is none", { keyDomain: ".copernica.com" }, /^createKeyLookup: keyDomain must be/],
    ["a key domain with a dot at its end", { keyDomain: "copernica.com." }, /^createKeyLookup: keyDomain must be/],
    ["a store that can't be written", { store: { get() {} } }, /^createKeyLookup: store must be .* get, set/],
    ["a clock that is a time", { clock: NOW }, /^createKeyLookup: clock must be a function/],
  ])("%s", (_, options, message) => {
    expect(() => createKeyLookup(options)).toThrow(InvalidOptionError);
    expect(() => createKeyLookup(options)).toThrow(message);
  });

  test("but not one that is undefined", () => {
    const options = {
      resolveTxt: undefined,
      keyDomain: undefined,
      clock: undefined,
      store: undefined,
      onWarning: undefined,
    };
    expect(createKeyLookup({ ...options, resolveTxt: async () => [] })).toBeDefined();
  });
});

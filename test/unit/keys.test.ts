import { afterEach, describe, expect, test, vi } from "vitest";
import {
  createKeyLookup,
  type KeyLookup,
  type ResolveTxt,
  type TxtAnswer,
  type TxtRecords,
  verifySignature,
  WebhookError,
} from "../../src/index.ts";
import { BODY, base64, bytesOf, createSigner, NOW } from "../fixtures/signer.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const name = "one._domainkey.copernica.com";
const spki = spkiOf("1024-bit key");
const good: TxtRecords = [[`v=DKIM1; k=rsa; p=${spki}`]];

/** The public key of a call that Copernica's own library signed. */
function spkiOf(vectorName: string): string {
  const vector = php.cases.find((candidate) => candidate.name === vectorName);
  if (vector === undefined) throw new Error(`there is no vector ${vectorName}`);
  return vector.publicKeySpkiBase64;
}

/** What node:dns rejects with. */
function dnsError(code: string): Error {
  return Object.assign(new Error(`queryTxt ${code}`), { code });
}

/** A look-up over a DNS and a clock that a test sets. */
class World {
  now = NOW;
  /** The names that were looked up, in order. */
  readonly lookups: string[] = [];
  /** What DNS answers. */
  answer: (name: string) => ReturnType<ResolveTxt> = async () => good;
  readonly keys: KeyLookup = createKeyLookup({
    clock: () => this.now,
    resolveTxt: (asked) => {
      this.lookups.push(asked);
      return this.answer(asked);
    },
  });

  /** How many look-ups it takes to find a key, or to fail. */
  async cost(keyId: string = name): Promise<number> {
    const before = this.lookups.length;
    await this.outcome(keyId);
    return this.lookups.length - before;
  }

  /** `found`, or the code of the failure. */
  async outcome(keyId: string = name): Promise<string> {
    return await outcomeOf(this.keys.find(keyId));
  }
}

/** `found`, or the code of the failure; what is no error of this package fails the test. */
async function outcomeOf(found: Promise<unknown>): Promise<string> {
  try {
    await found;
    return "found";
  } catch (error) {
    if (error instanceof WebhookError) return error.code;
    throw error;
  }
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a key is remembered", () => {
  test.each<[string, TxtRecords | TxtAnswer, number]>([
    ["as long as DNS says", { records: good, ttlSeconds: 600 }, 10 * MINUTE],
    ["for a minute where DNS says less", { records: good, ttlSeconds: 5 }, MINUTE],
    ["for a minute where DNS says nothing can be remembered", { records: good, ttlSeconds: 0 }, MINUTE],
    ["for a minute where DNS says nonsense", { records: good, ttlSeconds: -1 }, MINUTE],
    ["for a day where DNS says more", { records: good, ttlSeconds: 30 * 86_400 }, DAY],
    ["for an hour where the resolver hides the time", good, HOUR],
    ["for an hour where the time is no number", { records: good, ttlSeconds: Number.NaN }, HOUR],
    ["for an hour where the time is not finite", { records: good, ttlSeconds: Number.POSITIVE_INFINITY }, HOUR],
    // A resolver that is not written in TypeScript.
    ["for an hour where the time is a text", { records: good, ttlSeconds: "600" as unknown as number }, HOUR],
  ])("%s", async (_, answer, milliseconds) => {
    const world = new World();
    world.answer = async () => answer;
    expect(await world.cost()).toBe(1);
    world.now += milliseconds - 1;
    expect(await world.cost()).toBe(0);
    world.now += 1;
    expect(await world.cost()).toBe(1);
    expect(await world.cost()).toBe(0);
  });

  test("under its name in any case", async () => {
    const world = new World();
    expect(await world.keys.find("One._DomainKey.COPERNICA.com")).toMatchObject({ remembered: false });
    expect(await world.keys.find(name)).toMatchObject({ remembered: true, keys: [{ bits: 1_024 }] });
    expect(world.lookups).toEqual([name]);
  });

  test("once for all who ask at the same time", async () => {
    const world = new World();
    const found = await Promise.all(Array.from({ length: 50 }, () => world.keys.find(name)));
    expect(found.every(({ keys }) => keys[0] === found[0]?.keys[0])).toBe(true);
    expect(world.lookups).toEqual([name]);
  });

  test("and so is a failure, by all who ask at the same time", async () => {
    const world = new World();
    world.answer = async () => {
      throw dnsError("ENOTFOUND");
    };
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => world.outcome()));
    expect(new Set(outcomes)).toEqual(new Set(["key_not_found"]));
    expect(world.lookups).toEqual([name]);
  });

  test("among a bounded number of others, those that verified a signature last", async () => {
    const world = new World();
    const trusted = ["a.copernica.com", "b.copernica.com"];
    for (const keyId of trusted) {
      await world.keys.find(keyId);
      world.keys.confirm(keyId.toUpperCase());
    }
    const others = Array.from({ length: 200 }, (_, index) => `other${index}.copernica.com`);
    for (const keyId of others) await world.keys.find(keyId);
    for (const keyId of trusted) expect(await world.cost(keyId)).toBe(0);
    expect(await world.cost("other199.copernica.com")).toBe(0);
    expect(await world.cost("other0.copernica.com")).toBe(1);
    const remembered = (await Promise.all(others.map((keyId) => world.keys.find(keyId).catch(() => undefined)))).filter(
      (found) => found?.remembered,
    );
    expect(remembered.length).toBeGreaterThan(10);
    expect(remembered.length).toBeLessThan(100);
  });

  test("last of all also when it was looked up again since it verified a signature", async () => {
    const world = new World();
    await world.keys.find(name);
    world.keys.confirm(name);
    expect(await world.keys.refresh(name)).toMatchObject({ remembered: false });
    for (let index = 0; index < 200; index += 1) await world.keys.find(`other${index}.copernica.com`);
    expect(await world.cost()).toBe(0);
  });

  test("among many others that all verified signatures, the newest", async () => {
    const world = new World();
    for (let index = 0; index < 200; index += 1) {
      await world.keys.find(`k${index}.copernica.com`);
      world.keys.confirm(`k${index}.copernica.com`);
    }
    expect(await world.cost("k199.copernica.com")).toBe(0);
    expect(await world.cost("k0.copernica.com")).toBe(1);
  });
});

describe("a failure is remembered", () => {
  const failing = (code: string) => async (): Promise<never> => {
    throw dnsError(code);
  };
  test.each<[string, string, World["answer"], number]>([
    ["of a name that does not exist", "key_not_found", failing("ENOTFOUND"), MINUTE],
    ["of a name without TXT records", "key_not_found", failing("ENODATA"), MINUTE],
    ["of a name that Bun does not find", "key_not_found", failing("DNS_ENOTFOUND"), MINUTE],
    ["of a name without records", "key_not_found", async () => [], MINUTE],
    ["of a name with other records", "key_not_found", async () => [["v=spf1 -all"], ["google-site=1"]], MINUTE],
    ["of a revoked key", "key_revoked", async () => [["v=DKIM1; p="]], MINUTE],
    ["of a weak key", "key_refused", async () => [[`p=${spkiOf("768-bit key")}`]], MINUTE],
    ["of a DNS that fails", "key_unavailable", failing("ESERVFAIL"), 5 * SECOND],
    ["of a DNS that refuses", "key_unavailable", failing("EREFUSED"), 5 * SECOND],
    ["of a DNS that is not there", "key_unavailable", failing("ECONNREFUSED"), 5 * SECOND],
    ["of a DNS that is slow", "key_unavailable", failing("ETIMEOUT"), 5 * SECOND],
    ["of a resolver that fails for no reason", "key_unavailable", failing("constructor"), 5 * SECOND],
  ])("%s", async (_, code, answer, milliseconds) => {
    const world = new World();
    world.answer = answer;
    expect(await world.outcome()).toBe(code);
    world.now += milliseconds - 1;
    expect(await world.outcome()).toBe(code);
    expect(world.lookups).toHaveLength(1);
    world.now += 1;
    world.answer = async () => good;
    expect(await world.outcome()).toBe("found");
    expect(world.lookups).toHaveLength(2);
  });

  test("with its cause, which is not told to strangers", async () => {
    const world = new World();
    world.answer = failing("ESERVFAIL");
    const error = await world.keys.find(name).catch((thrown: unknown) => thrown);
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
    ["a record that is a text", [`v=DKIM1; p=${spki}`]],
    ["a string that is an object", [[{}]]],
    ["a string that is a symbol", [[Symbol("p")]]],
  ])("of a resolver that returns %s", async (_, garbage) => {
    const world = new World();
    world.answer = async () => garbage as TxtRecords; // as no TypeScript would let it
    expect(await world.outcome()).toMatch(/^key_(unavailable|not_found)$/);
    world.now += MINUTE;
    world.answer = async () => good;
    expect(await world.outcome()).toBe("found");
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
    const world = new World();
    world.answer = answer;
    expect(await world.outcome()).toBe("key_unavailable");
    world.answer = async () => answer();
    world.now += 5 * SECOND;
    expect(await world.outcome()).toBe("key_unavailable");
  });

  test("not of a resolver that answers without a promise", async () => {
    const world = new World();
    world.answer = () => good as unknown as Promise<TxtRecords>; // as no TypeScript would let it
    expect(await world.outcome()).toBe("found");
  });

  test("after the time that DNS has to answer", async () => {
    vi.useFakeTimers();
    const world = new World();
    world.answer = () => new Promise(() => {});
    const outcome = world.outcome();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await Promise.race([outcome, "waiting"])).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBe("key_unavailable");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("and an answer in time leaves no timer behind", async () => {
    vi.useFakeTimers();
    const world = new World();
    await world.outcome();
    world.answer = failing("ENOTFOUND");
    await world.outcome("two.copernica.com");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("where DNS does not answer", () => {
  const down = async (): Promise<never> => {
    throw dnsError("ESERVFAIL");
  };

  test("a key is not forgotten: it is found until its time is over, and again when DNS is back", async () => {
    const world = new World();
    await world.outcome();
    world.answer = down;
    world.now += HOUR - 1;
    expect(await world.outcome()).toBe("found");
    world.now += 1;
    expect(await world.outcome()).toBe("key_unavailable");
    world.answer = async () => good;
    expect(await world.outcome()).toBe("found");
  });

  test("a refresh fails, and leaves the key as it was", async () => {
    const world = new World();
    await world.outcome();
    world.answer = down;
    expect(await outcomeOf(world.keys.refresh(name))).toBe("key_unavailable");
    expect(await world.keys.find(name)).toMatchObject({ remembered: true });
  });

  test("a key that DNS says is gone or revoked is forgotten at once", async () => {
    for (const [code, answer] of [
      ["key_not_found", async () => []],
      ["key_revoked", async () => [["v=DKIM1; k=rsa; p="]]],
    ] as const) {
      const world = new World();
      await world.outcome();
      world.answer = answer;
      expect(await outcomeOf(world.keys.refresh(name))).toBe(code);
      expect(await world.outcome()).toBe(code);
      expect(world.lookups).toHaveLength(2);
    }
  });
});

describe("a flood of made-up names", () => {
  const made = (index: number) => `made-up-${index}.copernica.com`;

  test("never has more than 8 look-ups under way, and blocks no key that is remembered", async () => {
    const world = new World();
    await world.outcome();
    const answers: (() => void)[] = [];
    world.answer = () => new Promise((_, reject) => answers.push(() => reject(dnsError("ENOTFOUND"))));
    const flood = Array.from({ length: 5_000 }, (_, index) => world.outcome(made(index)));
    expect(world.lookups.slice(1)).toEqual(Array.from({ length: 8 }, (_, index) => made(index)));
    expect(await world.keys.find(name)).toMatchObject({ remembered: true });

    // One that is refused for that reason is told to come back, and is not remembered as a failure.
    expect(await flood[8]).toBe("key_unavailable");
    for (const answer of answers) answer();
    const outcomes = await Promise.all(flood);
    expect(outcomes.filter((outcome) => outcome === "key_not_found")).toHaveLength(8);
    expect(outcomes.filter((outcome) => outcome === "key_unavailable")).toHaveLength(4_992);
    world.answer = async () => good;
    expect(await world.outcome(made(8))).toBe("found");
  });

  test("does not keep a key whose time is over from being looked up again", async () => {
    const world = new World();
    await world.outcome();
    world.answer = (asked) => (asked === name ? Promise.resolve(good) : new Promise(() => {}));
    vi.useFakeTimers();
    for (let index = 0; index < 100; index += 1) world.outcome(made(index));
    world.now += HOUR;
    expect(await world.outcome()).toBe("found");
    expect(await outcomeOf(world.keys.refresh(name))).toBe("found");
    await vi.runAllTimersAsync();
  });

  test("that are never answered makes room again when their time is over", async () => {
    vi.useFakeTimers();
    const world = new World();
    world.answer = () => new Promise(() => {});
    const flood = Array.from({ length: 8 }, (_, index) => world.outcome(made(index)));
    expect(await world.outcome()).toBe("key_unavailable");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(new Set(await Promise.all(flood))).toEqual(new Set(["key_unavailable"]));
    world.answer = async () => good;
    expect(await world.outcome()).toBe("found");
  });

  test("pushes out no key, and is itself forgotten", async () => {
    const world = new World();
    await world.outcome();
    world.answer = async () => {
      throw dnsError("ENOTFOUND");
    };
    for (let index = 0; index < 20_000; index += 1) await world.outcome(made(index));
    expect(await world.keys.find(name)).toMatchObject({ remembered: true });
    expect(await world.cost(made(19_999))).toBe(0);
    expect(await world.cost(made(0))).toBe(1);
    let remembered = 0;
    while ((await world.cost(made(19_999 - remembered))) === 0) remembered += 1;
    expect(remembered).toBeLessThan(2_000);
  });

  test("that DNS has no answer for pushes out no key either", async () => {
    const world = new World();
    await world.outcome();
    world.answer = async () => {
      throw dnsError("ESERVFAIL");
    };
    for (let index = 0; index < 3_000; index += 1) await world.outcome(made(index));
    expect(await world.keys.find(name)).toMatchObject({ remembered: true });
  });
});

describe("a signature that fails", () => {
  test("has its key looked up afresh, at most once a minute for each key", async () => {
    const world = new World();
    await world.outcome();
    await world.outcome("two.copernica.com");
    expect(await world.keys.refresh(name)).toMatchObject({ remembered: false });
    for (let second = 0; second < 59; second += 1) {
      world.now += SECOND;
      expect(await world.keys.refresh(name)).toBeUndefined();
    }
    expect(await world.keys.refresh("two.copernica.com")).toMatchObject({ remembered: false });
    world.now += SECOND;
    expect(await world.keys.refresh(name.toUpperCase())).toMatchObject({ remembered: false });
    expect(world.lookups).toEqual([name, "two.copernica.com", name, "two.copernica.com", name]);
  });

  test("shares that with all that fail at the same time", async () => {
    const world = new World();
    await world.outcome();
    const refreshed = await Promise.all(Array.from({ length: 20 }, () => world.keys.refresh(name)));
    expect(refreshed.every((found) => found?.remembered === false)).toBe(true);
    expect(world.lookups).toHaveLength(2);
  });

  test("is refused a look-up of a name that is none of Copernica's", async () => {
    const world = new World();
    expect(await outcomeOf(world.keys.refresh("one.example.com"))).toBe("key_id_refused");
    expect(world.lookups).toEqual([]);
  });
});

describe("when Copernica's key rotates", async () => {
  const [old, fresh] = await Promise.all([createSigner({ keyId: name }), createSigner({ keyId: name })]);
  const body = new TextEncoder().encode(BODY);

  /** What becomes of a call. */
  async function verify(world: World, request: Request): Promise<string> {
    return await outcomeOf(verifySignature(request, body, { account: 1234, keys: world.keys, clock: () => NOW }));
  }

  /** A receiver that has verified a call with the old key, and DNS has the new one since. */
  async function rotated(): Promise<World> {
    const world = new World();
    world.answer = async () => [[old.record]];
    expect(await verify(world, await old.sign())).toBe("found");
    expect(await verify(world, await old.sign())).toBe("found");
    expect(world.lookups).toHaveLength(1);
    world.answer = async () => [[fresh.record]];
    return world;
  }

  test("the first event signed with the new one is verified, after one fresh look-up", async () => {
    const world = await rotated();
    expect(await verify(world, await fresh.sign())).toBe("found");
    expect(await verify(world, await fresh.sign())).toBe("found");
    expect(world.lookups).toHaveLength(2);
  });

  test("so are the first that come together", async () => {
    const world = await rotated();
    const requests = await Promise.all(Array.from({ length: 20 }, () => fresh.sign()));
    const outcomes = await Promise.all(requests.map((request) => verify(world, request)));
    expect(new Set(outcomes)).toEqual(new Set(["found"]));
    expect(world.lookups).toHaveLength(2);
  });

  test("no event is lost while DNS has both", async () => {
    const world = await rotated();
    world.answer = async () => [[old.record], [fresh.record]];
    for (const signer of [old, fresh, old, fresh]) expect(await verify(world, await signer.sign())).toBe("found");
    expect(world.lookups).toHaveLength(2);
  });

  test("to a new name, the first event is verified too", async () => {
    const world = await rotated();
    const next = await createSigner({ keyId: "dec._domainkey.copernica.com" });
    world.answer = async (asked) => [[asked === next.keyId ? next.record : old.record]];
    expect(await verify(world, await next.sign())).toBe("found");
    expect(await verify(world, await old.sign())).toBe("found");
    expect(world.lookups).toEqual([name, next.keyId]);
  });

  test("while DNS does not answer, its events are not forgeries", async () => {
    const world = await rotated();
    world.answer = async () => {
      throw dnsError("ESERVFAIL");
    };
    expect(await verify(world, await fresh.sign())).toBe("key_unavailable");
    expect(await verify(world, await old.sign())).toBe("found");
  });

  test("forgeries cost one look-up a minute, and no genuine event", async () => {
    const world = new World();
    world.answer = async () => [[old.record]];
    for (let call = 0; call < 30; call += 1) {
      expect(await verify(world, await fresh.sign())).toBe("signature_mismatch");
      expect(await verify(world, await old.sign())).toBe("found");
    }
    expect(world.lookups).toHaveLength(2);
  });

  test("one that verified an event is not pushed out by others that verified none", async () => {
    const world = new World();
    world.answer = async () => [[old.record]];
    expect(await verify(world, await old.sign())).toBe("found");
    for (let index = 0; index < 200; index += 1) await world.keys.find(`other${index}.copernica.com`);
    expect(await verify(world, await fresh.sign({ keyId: "other0.copernica.com" }))).toBe("signature_mismatch");
    expect(await world.cost()).toBe(0);
  });

  test("a forgery can put off that by a minute, and no longer", async () => {
    const world = await rotated();
    world.answer = async () => [[old.record]];
    expect(await verify(world, await fresh.sign())).toBe("signature_mismatch");
    world.answer = async () => [[fresh.record]];
    expect(await verify(world, await fresh.sign())).toBe("signature_mismatch");
    world.now += MINUTE;
    expect(await verify(world, await fresh.sign())).toBe("found");
  });

  test("a revoked one is refused as soon as a signature fails, and when its time is over", async () => {
    const world = await rotated();
    world.answer = async () => [["v=DKIM1; k=rsa; p="]];
    expect(await verify(world, await fresh.sign())).toBe("key_revoked");
    expect(await verify(world, await old.sign())).toBe("key_revoked");
    const later = await rotated();
    later.answer = world.answer;
    later.now += HOUR;
    expect(await verify(later, await old.sign())).toBe("key_revoked");
  });
});

describe.each([
  ["with the runtime's fastest cryptography", false],
  ["with WebCrypto alone", true],
])("a key record, read %s,", async (_, onlyWebCrypto) => {
  /** A look-up that uses this cryptography. */
  function createWorld(): World {
    const original = process.getBuiltinModule;
    if (onlyWebCrypto) Object.assign(process, { getBuiltinModule: undefined });
    try {
      return new World();
    } finally {
      if (onlyWebCrypto) process.getBuiltinModule = original;
    }
  }

  async function read(...records: (string | readonly string[])[]): Promise<string> {
    const world = createWorld();
    world.answer = async () => records.map((record) => (typeof record === "string" ? [record] : record));
    return await outcomeOf(
      world.keys.find(name).then(({ keys }) => {
        if (keys.length !== 1 || keys[0]?.bits !== 1_024) throw new Error("found something else");
      }),
    );
  }

  test.each<[string, string | readonly string[]]>([
    ["as Copernica's", `v=DKIM1; k=rsa; p=${spki}`],
    ["without spaces", `v=DKIM1;k=rsa;p=${spki}`],
    ["with spaces everywhere", ` v = DKIM1 ;\tk = rsa ; p = ${spki} ; `],
    ["without version and type", `p=${spki}`],
    ["with more tags, in another order", `p=${spki}; n=a note; t=s; h=sha256; s=*; k=rsa; v=DKIM1; x==;;y`],
    ["with spaces in the key", `v=DKIM1; p=${spki.replace(/.{20}/g, "$& ")}`],
    ["without padding", `v=DKIM1; p=${spki.replace(/=+$/, "")}`],
    ["in several strings", `v=DKIM1; k=rsa; p=${spki}`.match(/.{1,60}/g) ?? []],
    ["in strings of one character", [...`v=DKIM1; k=rsa; p=${spki}`]],
    ["with empty strings", ["", `v=DKIM1; k=rsa; p=${spki}`, ""]],
  ])("is read %s", async (_, record) => {
    expect(await read(record)).toBe("found");
  });

  test.each<[string, (string | readonly string[])[]]>([
    ["SPF records", ["v=spf1 include:example.com ~all", `v=DKIM1; p=${spki}`]],
    ["other text", ["p", "", "=", ";;;", "google-site-verification=p=", `v=DKIM1; p=${spki}`]],
    ["a revoked key", ["v=DKIM1; p=", `v=DKIM1; p=${spki}`]],
    ["a weak key", [`p=${spkiOf("512-bit key")}`, `v=DKIM1; p=${spki}`]],
    ["a key of another kind", ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", `p=${spki}`]],
    ["a key of another version", [`v=DKIM2; p=${spkiOf("4096-bit key")}`, `v=DKIM1; p=${spki}`]],
    ["one that can't be read", ["v=DKIM1; p=AAAA", `v=DKIM1; p=${spki}`]],
  ])("is found beside %s", async (_, records) => {
    expect(await read(...records)).toBe("found");
    expect(await read(...[...records].reverse())).toBe("found");
  });

  test("is found with others of its name, of which a few are read", async () => {
    const world = createWorld();
    world.answer = async () => Array.from({ length: 40 }, () => [`v=DKIM1; p=${spki}`]);
    const { keys } = await world.keys.find(name);
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.length).toBeLessThan(10);
  });

  const ecKey = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const ecSpki = base64(new Uint8Array(await crypto.subtle.exportKey("spki", ecKey.publicKey)));
  const ed25519Spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  const pkcs1 = base64(bytesOf(spki).slice(22));
  test.each<[string, string, string]>([
    ["revoked", "key_revoked", "v=DKIM1; k=rsa; p="],
    ["revoked, of another kind", "key_revoked", "v=DKIM1; k=ed25519; p= "],
    ["ed25519", "key_refused", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    ["an RSA key that says it is ed25519", "key_refused", `v=DKIM1; k=ed25519; p=${spki}`],
    ["ed25519 that says it is RSA", "key_refused", `v=DKIM1; k=rsa; p=${ed25519Spki}`],
    ["an elliptic curve", "key_refused", `v=DKIM1; k=rsa; p=${ecSpki}`],
    ["RSA-PSS", "key_refused", `v=DKIM1; p=${base64(rsaSpki({ isPss: true }))}`],
    ["a bare RSA key, without its kind", "key_refused", `v=DKIM1; p=${pkcs1}`],
    ["of 512 bits", "key_refused", `v=DKIM1; p=${spkiOf("512-bit key")}`],
    ["of 768 bits", "key_refused", `v=DKIM1; p=${spkiOf("768-bit key")}`],
    ["of 1016 bits", "key_refused", `v=DKIM1; p=${spkiOf("1016-bit key")}`],
    ["of 16384 bits", "key_refused", `v=DKIM1; p=${base64(rsaSpki({ bytes: 2_048 }))}`],
    ["of 1016 bits, and leading zeros", "key_refused", `v=DKIM1; p=${base64(rsaSpki({ bytes: 127, zeros: 10 }))}`],
    ["with the exponent 1, with which anybody can sign", "key_refused", `p=${base64(rsaSpki({ exponent: [1] }))}`],
    ["with an even exponent", "key_refused", `p=${base64(rsaSpki({ exponent: [2] }))}`],
    ["with the exponent 0", "key_refused", `p=${base64(rsaSpki({ exponent: [0] }))}`],
    [
      "with a huge exponent",
      "key_refused",
      `p=${base64(rsaSpki({ exponent: Array.from({ length: 120 }, () => 0x7f) }))}`,
    ],
    ["not base64", "key_refused", "v=DKIM1; p=@@@@"],
    ["cut off", "key_refused", `v=DKIM1; p=${spki.slice(0, 100)}`],
    ["a certificate's name", "key_refused", "v=DKIM1; p=MAA="],
    ["of another version", "key_not_found", `v=DKIM2; p=${spki}`],
    ["without key", "key_not_found", "v=DKIM1; k=rsa"],
    ["with its tags in capitals", "key_not_found", `V=DKIM1; K=rsa; P=${spki}`],
    ["that is empty", "key_not_found", ""],
  ])("%s: %s", async (_, code, record) => {
    expect(await read(record)).toBe(code);
  });
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
    const world = new World();
    expect(await world.outcome(keyId)).toBe("key_id_refused");
    expect(await outcomeOf(world.keys.refresh(keyId))).toBe("key_id_refused");
    expect(world.lookups).toEqual([]);
  });

  test("can be as long as names are in DNS", async () => {
    const world = new World();
    const label = `${"a".repeat(63)}.`;
    const longest = `${label.repeat(3)}${"b".repeat(47)}.copernica.com`;
    expect(longest).toHaveLength(253);
    expect(await world.outcome(longest)).toBe("found");
    expect(await world.outcome(`b${longest}`)).toBe("key_id_refused");
  });
});

/** An RSA public key that nobody has the private half of, as no library would make it. */
function rsaSpki({ bytes = 128, zeros = 0, exponent = [1, 0, 1], isPss = false }): Uint8Array {
  const modulus = [
    ...Array.from({ length: zeros + 1 }, () => 0),
    0xff,
    ...Array.from({ length: bytes - 1 }, () => 0x7f),
  ];
  const value = (tag: number, ...content: readonly number[][]): number[] => {
    const flat = content.flat();
    const { length } = flat;
    if (length < 128) return [tag, length, ...flat];
    return length < 256 ? [tag, 0x81, length, ...flat] : [tag, 0x82, length >> 8, length & 0xff, ...flat];
  };
  const name = value(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, isPss ? 10 : 1]);
  const kind = isPss ? value(0x30, name) : value(0x30, name, [0x05, 0x00]);
  const key = value(0x30, value(0x02, modulus), value(0x02, exponent));
  return Uint8Array.from(value(0x30, kind, value(0x03, [0], key)));
}

import { describe, expect, test, vi } from "vitest";
import type { KeyLookupOptions } from "../../src/index.ts";
import { createWorld, genuine, NAME, other, type World } from "../fixtures/keys.ts";
import { base64, bytesOf } from "../fixtures/signer.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };

const spki = genuine.record.slice(genuine.record.indexOf("p=") + 2);

/** The public key of a call that Copernica's own library signed. */
function spkiOf(vectorName: string): string {
  const vector = php.cases.find((candidate) => candidate.name === vectorName);
  if (vector === undefined) throw new Error(`there is no vector ${vectorName}`);
  return vector.publicKeySpkiBase64;
}

describe.each([
  ["with the runtime's fastest cryptography", false],
  ["with WebCrypto alone", true],
])("a key record, read %s,", async (_, onlyWebCrypto) => {
  /** A look-up that uses this cryptography, and whose DNS has these records. */
  function createWorldOf(records: readonly (string | readonly string[])[], options?: KeyLookupOptions): World {
    const original = process.getBuiltinModule;
    if (onlyWebCrypto) Object.assign(process, { getBuiltinModule: undefined });
    try {
      const world = createWorld(options);
      world.answer = async () => records.map((record) => (typeof record === "string" ? [record] : record));
      return world;
    } finally {
      if (onlyWebCrypto) process.getBuiltinModule = original;
    }
  }

  /** What a call comes to that is signed with the key of these tests. */
  async function read(...records: (string | readonly string[])[]): Promise<string> {
    return await createWorldOf(records).call();
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
    expect(await read(record)).toBe("verified");
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
    expect(await read(...records)).toBe("verified");
    expect(await read(...[...records].reverse())).toBe("verified");
  });

  test("is found with others of its name, of which a few are read", async () => {
    const others = Array.from({ length: 40 }, () => other.record);
    expect(await read(other.record, genuine.record, ...others)).toBe("verified");
    expect(await read(...others, genuine.record)).toBe("mismatch");
  });

  test.each([
    ["for every service", "s=*"],
    ["for every service among others", "s=email:*"],
    ["for SHA-256 alone", "h=sha256"],
    ["for SHA-256 among others", "h=sha1 : SHA256"],
    ["for its own domain alone", "t=s"],
    ["with flags that nobody knows", "t=s:x"],
  ])("is read if it is %s: %s", async (_, tag) => {
    expect(await read(`v=DKIM1; ${tag}; p=${spki}`)).toBe("verified");
  });

  test.each([
    ["email alone", "s=email", "service"],
    ["another service", "s=tlsrpt:email", "service"],
    ["no service", "s=", "service"],
    ["SHA-1 alone", "h=sha1", "SHA-256"],
    ["other hashes", "h=sha512:sha1", "SHA-256"],
    ["no hash", "h=", "SHA-256"],
  ])("is refused if it is for %s: %s", async (_, tag, reason) => {
    const world = createWorldOf([`v=DKIM1; ${tag}; p=${spki}`]);
    expect(await world.call()).toBe("key_refused");
    await expect(world.keys.verify(NAME, new Uint8Array(), new Uint8Array())).rejects.toThrow(reason);
    expect(await read(`v=DKIM1; ${tag}; p=${spki}`, genuine.record)).toBe("verified");
  });

  test("that is only being tested is used, and warned of once", async () => {
    const warnings: string[] = [];
    const world = createWorldOf([`v=DKIM1; t=s:y; p=${spki}`], { onWarning: (message) => warnings.push(message) });
    expect(await world.call()).toBe("verified");
    expect(await world.call("two._domainkey.copernica.com")).toBe("verified");
    expect(warnings).toEqual([expect.stringContaining("t=y")]);
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no log");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no log"))],
  ])("that is only being tested is used though onWarning %s", async (_, onWarning) => {
    const failed = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await createWorldOf([`v=DKIM1; t=y; p=${spki}`], { onWarning }).call()).toBe("verified");
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
    failed.mockRestore();
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

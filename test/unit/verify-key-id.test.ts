import { describe, expect, test } from "vitest";
import { type ResolveTxt, verifySignature } from "../../src/index.ts";
import { BODY, NOW } from "../fixtures/signer.ts";
import { createJudge, cryptographies, signer } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, judge, codeOf } = createJudge(onlyWebCrypto);

  describe("a keyId", () => {
    const long = `${"a".repeat(63)}.`;
    test.each([
      "copernica.com",
      ".copernica.com",
      "..copernica.com",
      "a..copernica.com",
      "evilcopernica.com",
      "evil-copernica.com",
      "one._domainkey.evilcopernica.com",
      "one._domainkey.copernica.com.evil.nl",
      "copernica.com.evil.nl",
      "one._domainkey.copernica.com.",
      "one._domainkey.copernica.comm",
      "one._domainkey.copernica.co",
      "one._domainkey.copernica.nl",
      "one._domainkey.copernicaXcom",
      "one._domainkey.copernica,com",
      " one._domainkey.copernica.com",
      "one._domainkey.copernica.com ",
      "one ._domainkey.copernica.com",
      "one\t.copernica.com",
      "evil.nl one.copernica.com",
      "evil.nl/one.copernica.com",
      "evil.nl#.copernica.com",
      "evil.nl?.copernica.com",
      "evil.nl\\.copernica.com",
      "evil.nl%00.copernica.com",
      "one@evil.nl",
      "*.copernica.com",
      "-a.copernica.com",
      "a-.copernica.com",
      "127.0.0.1",
      "localhost",
      "com",
      ".",
      `${"a".repeat(64)}.copernica.com`,
      `${long.repeat(4)}copernica.com`,
      `${"a.".repeat(3_000)}copernica.com`,
    ])("%s is refused, and nothing is looked up", async (keyId) => {
      const { code, lookups } = await judge(await signer.sign({ keyId }));
      expect({ code, lookups }).toEqual({ code: "key_id_refused", lookups: [] });
    });

    test.each(["ONE._DOMAINKEY.COPERNICA.COM", "One._DomainKey.Copernica.Com"])("%s is the same key", async (keyId) => {
      const { code, lookups } = await judge(await signer.sign({ keyId }));
      expect({ code, lookups: new Set(lookups) }).toEqual({ code: "verified", lookups: new Set([signer.keyId]) });
    });

    test("may lie elsewhere if keyDomain says so, and then only there", async () => {
      const resolveTxt: ResolveTxt = async () => [[signer.record]];
      for (const keyDomain of ["keys.example.org", "Keys.Example.ORG"]) {
        const verify = { keyDomain, resolveTxt };
        expect(await codeOf({ keyId: "a.keys.example.org" }, { verify })).toBe("verified");
        expect(await codeOf({ keyId: "a.example.org" }, { verify })).toBe("key_id_refused");
        expect(await codeOf({ keyId: "one._domainkey.copernica.com" }, { verify })).toBe("key_id_refused");
      }
    });
  });

  test("a name that is no key's is refused also with the look-up of the process", async () => {
    const request = await signer.sign({ keyId: "one._domainkey.copernica.example" });
    const options = { account: 1234, clock: () => NOW };
    const body = new TextEncoder().encode(BODY);
    for (const _ of [1, 2]) {
      await expect(hiding(() => verifySignature(request, body, options))).rejects.toMatchObject({
        code: "key_id_refused",
      });
    }
  });
});

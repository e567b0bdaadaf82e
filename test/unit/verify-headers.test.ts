import { describe, expect, test } from "vitest";
import { createKeyLookup, verifySignature } from "../../src/index.ts";
import { BODY, base64, type Call, COVERED, NOW } from "../fixtures/signer.ts";
import { createJudge, cryptographies, serve, signer, stranger } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { hiding, judge, codeOf } = createJudge(onlyWebCrypto);

  test("a Date is accepted as far from now as maxAgeSeconds says, in both directions", async () => {
    const at = (seconds: number): Call => ({ signed: { date: new Date(NOW + seconds * 1_000).toUTCString() } });
    for (const seconds of [-300, -1, 0, 1, 300]) expect(await codeOf(at(seconds))).toBe("verified");
    for (const seconds of [-301, 301]) expect(await codeOf(at(seconds))).toBe("date_out_of_range");
    const verify = { maxAgeSeconds: 60 };
    for (const seconds of [-60, 60]) expect(await codeOf(at(seconds), { verify })).toBe("verified");
    for (const seconds of [-61, 61]) expect(await codeOf(at(seconds), { verify })).toBe("date_out_of_range");
  });

  test("a Date may name its zone", async () => {
    for (const date of ["Tue, 24 Nov 2026 10:00:00 UTC", "Tue, 24 Nov 2026 11:00:00 +0100"]) {
      expect(await codeOf({ signed: { date } })).toBe("verified");
    }
    expect(await codeOf({ signed: { date: "Tue, 24 Nov 2026 10:00:00 +0100" } })).toBe("date_out_of_range");
  });

  test("a clock that tells no time lets nothing in", async () => {
    expect(await codeOf({}, { verify: { clock: () => Number.NaN } })).toBe("date_out_of_range");
  });

  test("a digest is checked whatever the case of its name", async () => {
    const digests = {
      "SHA-256": base64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(BODY)))),
      "SHA-512": base64(new Uint8Array(await crypto.subtle.digest("SHA-512", new TextEncoder().encode(BODY)))),
    };
    for (const [name, value] of Object.entries(digests)) {
      for (const spelled of [name, name.toLowerCase(), name.replace("SHA", "Sha")]) {
        expect(await codeOf({ signed: { digest: `${spelled}=${value}` } })).toBe("verified");
      }
      expect(await codeOf({ signed: { digest: `${name}=${value.toLowerCase()}` } })).toBe("digest_mismatch");
    }
    expect(await codeOf({ signed: { digest: `SHA-512=${digests["SHA-256"]}` } })).toBe("digest_mismatch");
  });

  test("an account is the same in both spellings, of the option and of the header", async () => {
    for (const account of [1234, "1234", "account_1234", "account-1234"]) {
      for (const sent of ["account_1234", "account-1234"]) {
        expect(await codeOf({ signed: { "x-copernica-id": sent } }, { account })).toBe("verified");
      }
      expect(await codeOf({ signed: { "x-copernica-id": "account_12" } }, { account })).toBe("account_mismatch");
    }
  });

  test("hs2019 is accepted, with the RSA key that DNS has", async () => {
    expect(await codeOf({ algorithm: "hs2019" })).toBe("verified");
    expect(await codeOf({ algorithm: "HS2019", keyId: stranger.keyId })).toBe("signature_mismatch");
    expect(await codeOf({ algorithm: "hs2019", keyId: "ed25519._domainkey.copernica.com" })).toBe("key_refused");
  });

  test("a covered header that came twice is refused", async () => {
    for (const name of ["host", "date", "content-type", "x-copernica-id", "digest", "x-nonce"]) {
      const request = await signer.sign();
      const headers = new Headers(request.headers);
      headers.append(name, headers.get(name) ?? "");
      const doubled = new Request(request.url, { method: "POST", headers, body: BODY });
      const status = name === "host" ? 400 : 401; // two hosts are none
      expect({ name, status: (await judge(doubled)).status }).toEqual({ name, status });
    }
  });

  describe("a covered header that is not ASCII", () => {
    /** What becomes of a call that is signed with one nonce and, as the runtime reads it, comes with another. */
    async function verifyNonce(signedAs: string, readAs: string): Promise<string> {
      const {
        method,
        url,
        headers: sent,
      } = await signer.sign({ signed: { "x-nonce": signedAs }, sent: { "x-nonce": "" } });
      // Not every Headers would hold it.
      const headers = { get: (name: string) => (name === "x-nonce" ? readAs : sent.get(name)) } as Headers;
      const keys = hiding(() => createKeyLookup({ resolveTxt: serve }));
      const body = new TextEncoder().encode(BODY);
      const options = { account: 1234, keys, clock: () => NOW };
      const verified = hiding(() => verifySignature({ method, url, headers }, body, options));
      return await verified.then(
        () => "verified",
        ({ code }) => code,
      );
    }

    test("is signed as its bytes", async () => {
      expect(await verifyNonce("caf\u00e9", "caf\u00e9")).toBe("verified");
      expect(await verifyNonce("\u00ffABC", "\u00ffABC")).toBe("verified");
      expect(await verifyNonce("caf\u00e9", "caf\u00c3\u00a9")).toBe("signature_mismatch");
      expect(await verifyNonce("caf\u00e9", "caf\u00e8")).toBe("signature_mismatch");
    });

    test("is signed as its bytes also if the runtime reads them as UTF-8", async () => {
      const bytes = String.fromCharCode(...new TextEncoder().encode("\u00e9\u20ac"));
      expect(await verifyNonce(bytes, "\u00e9\u20ac")).toBe("verified");
    });

    test("is not taken for one with other characters", async () => {
      expect(await verifyNonce("ABC", "ABC")).toBe("verified");
      for (const nonce of ["\u0141BC", "A\uff42C", "AB\u{10443}"]) {
        expect(await verifyNonce("ABC", nonce)).toBe("signature_mismatch");
      }
    });
  });

  test("white space around what is covered means nothing", async () => {
    const spaced = await signer.sign({
      rewrite: (header) => header.replace(`headers="${COVERED}"`, `headers=" ${COVERED}  "`),
    });
    expect((await judge(spaced)).code).toBe("verified");
  });
});

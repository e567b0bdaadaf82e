import { describe, expect, test } from "vitest";
import { BODY, type Call, COVERED, NOW } from "../fixtures/signer.ts";
import { createJudge, cryptographies, signer, stranger } from "./judging.ts";

describe.each(cryptographies)("%s", (_, onlyWebCrypto) => {
  const { judge } = createJudge(onlyWebCrypto);

  describe("a call is answered 401", () => {
    const others = COVERED.split(" ");
    test.each<[string, string, Call]>([
      ["invalid_signature_header", "without Signature", { sent: { signature: null } }],
      ["invalid_signature_header", "with a Signature that can't be read", { sent: { signature: "Bearer abc" } }],
      ["invalid_signature_header", "with a second keyId", { rewrite: (header) => `${header},keyId="a.copernica.com"` }],
      ["invalid_signature_header", "with a second signature", { rewrite: (header) => `signature="AA==",${header}` }],
      ["invalid_signature_header", "with two Signatures", { rewrite: (header) => `${header}, ${header}` }],
      [
        "invalid_signature_header",
        "with a signature that is not base64",
        { rewrite: (header) => header.replace(/signature=".*"/, 'signature="@@@"') },
      ],
      [
        "invalid_signature_header",
        "with a signature in base64url",
        { rewrite: (header) => header.replace(/signature=".*"/, `signature="${"-_".repeat(86)}"`) },
      ],
      ["invalid_digest_header", "without Digest", { sent: { digest: null } }],
      ["invalid_digest_header", "with two digests", { sent: { digest: "SHA-256=AAAA, SHA-256=BBBB" } }],
      ["invalid_digest_header", "with a digest without value", { sent: { digest: "SHA-256=" } }],
      ["invalid_digest_header", "with a digest without name", { sent: { digest: "AAAA" } }],
      ["invalid_digest_header", "with a digest that is not base64", { sent: { digest: "SHA-256=@@@@" } }],
      ["invalid_digest_header", "with a very long digest", { sent: { digest: `SHA-256=${"A".repeat(5_000)}` } }],
      ["invalid_date_header", "without Date", { sent: { date: null } }],
      ["invalid_date_header", "with a Date of another form", { sent: { date: "2026-11-24T10:00:00Z" } }],
      ["invalid_date_header", "with Unix time for a Date", { sent: { date: String(NOW / 1_000) } }],
      ["invalid_date_header", "with text before the Date", { sent: { date: `on ${new Date(NOW).toUTCString()}` } }],
      ["invalid_date_header", "with text after the Date", { sent: { date: `${new Date(NOW).toUTCString()} (now)` } }],
      ["invalid_date_header", "with a Date without zone", { sent: { date: "Tue, 24 Nov 2026 10:00:00" } }],
      ["invalid_date_header", "with a month that there is not", { sent: { date: "Tue, 24 Foo 2026 10:00:00 GMT" } }],
      [
        "invalid_date_header",
        "with two Dates",
        { sent: { date: "Tue, 24 Nov 2026 10:00:00 GMT, Tue, 24 Nov 2026 10:00:00 GMT" } },
      ],
      ["invalid_account_header", "without X-Copernica-ID", { sent: { "x-copernica-id": null } }],
      ["invalid_account_header", "with a bare number for an account", { sent: { "x-copernica-id": "1234" } }],
      ["invalid_account_header", "with an account without number", { sent: { "x-copernica-id": "account_" } }],
      ["invalid_account_header", "for an environment", { signed: { "x-copernica-id": "environment_1234" } }],
      ["invalid_account_header", "with two accounts", { signed: { "x-copernica-id": "account_1234, account_1234" } }],
      ["invalid_account_header", "with an account and more", { signed: { "x-copernica-id": "account_1234x" } }],
      ["account_mismatch", "for another account", { signed: { "x-copernica-id": "account_1235" } }],
      ["account_mismatch", "for an account that starts alike", { signed: { "x-copernica-id": "account_12345" } }],
      ["account_mismatch", "for an account that ends alike", { signed: { "x-copernica-id": "account-91234" } }],
      ["account_mismatch", "for account 0", { signed: { "x-copernica-id": "account_0" } }],
      ...["(request-target)", "Host", "Date", "X-Copernica-ID", "Digest"].map((name): [string, string, Call] => [
        "signature_incomplete",
        `whose signature leaves out ${name}`,
        { covered: others.filter((other) => other !== name).join(" ") },
      ]),
      [
        "signature_incomplete",
        "whose signature says nothing of what it covers",
        { rewrite: (header) => header.replace(/headers=".*?",/, "") },
      ],
      ["signature_incomplete", "whose signature covers what did not come", { sent: { "x-nonce": null } }],
      ["signature_incomplete", "whose signature covers when it was made", { covered: `${COVERED} (created)` }],
      ["signature_incomplete", "whose signature covers what can't be a header", { covered: `${COVERED} @method:` }],
      ["algorithm_refused", "without algorithm", { algorithm: null }],
      ["algorithm_refused", "with an empty algorithm", { algorithm: "" }],
      ...["none", "hmac-sha256", "HMAC-SHA256", "rsa-sha1", "rsa-sha512", "ecdsa-sha256", "ed25519"].map(
        (algorithm): [string, string, Call] => ["algorithm_refused", `signed with ${algorithm}`, { algorithm }],
      ),
      ...["md5=y+5SpMIJ8trKhV3mhO7tbw==", "MD5=AAAA", "sha=AAAA", "SHA-1=AAAA", "sha-384=AAAA", "unixsum=30637"].map(
        (digest): [string, string, Call] => ["algorithm_refused", `with the digest ${digest}`, { signed: { digest } }],
      ),
      ["date_out_of_range", "that is old", { signed: { date: new Date(NOW - 301_000).toUTCString() } }],
      ["date_out_of_range", "from the future", { signed: { date: new Date(NOW + 301_000).toUTCString() } }],
      ["date_out_of_range", "from 1970", { signed: { date: new Date(0).toUTCString() } }],
      ["digest_mismatch", "with another body", { sentBody: BODY.replace("7", "8") }],
      [
        "digest_mismatch",
        "with another body, its digest SHA-512",
        { sentBody: BODY.replace("7", "8"), hash: "SHA-512" },
      ],
      [
        "digest_mismatch",
        "without body",
        { sentBody: "", sent: { "content-length": null }, covered: "(request-target) host date digest x-copernica-id" },
      ],
      ["digest_mismatch", "with the digest of the other hash", { signed: { digest: "SHA-512=AAAA" } }],
      ["signature_mismatch", "signed with another key", { keyId: stranger.keyId }],
      ["signature_mismatch", "with another nonce", { sent: { "x-nonce": "another" } }],
      ["signature_mismatch", "with another content type", { sent: { "content-type": "application/json" } }],
      ["signature_mismatch", "with another length", { sent: { "content-length": "1" } }],
      ["signature_mismatch", "with another host", { sent: { host: "evil.example.com" } }],
      ["signature_mismatch", "at another path", { sentTo: "https://hooks.example.com/copernica2" }],
      ["signature_mismatch", "with another query", { sentTo: "https://hooks.example.com/copernica?a=1" }],
      ["signature_mismatch", "with an empty query", { sentTo: "https://hooks.example.com/copernica?" }],
      ["signature_mismatch", "with a signature of another length", { forge: (signature) => signature.slice(0, 64) }],
      ["signature_mismatch", "with a signature of zeros", { forge: ({ length }) => new Uint8Array(length) }],
      ["signature_mismatch", "with a very long signature", { forge: () => new Uint8Array(4_000).fill(1) }],
      ["key_not_found", "with a key that DNS does not have", { keyId: "none._domainkey.copernica.com" }],
      ["key_not_found", "with a name that has other records", { keyId: "mail.copernica.com" }],
      ["key_revoked", "with a revoked key", { keyId: "revoked._domainkey.copernica.com" }],
      ["key_refused", "with a key of another kind", { keyId: "ed25519._domainkey.copernica.com" }],
      ["key_refused", "with a key that can't be read", { keyId: "broken._domainkey.copernica.com" }],
    ])("%s %s", async (code, _reason, call) => {
      const request = await signer.sign(call);
      const signature = request.headers.get("signature") ?? undefined;
      const refused = await judge(request);
      expect({ status: refused.status, code: refused.code, events: refused.events }).toEqual({
        status: 401,
        code,
        events: 0,
      });
      expect(refused.answer.headers.get("content-type")).toBe("application/problem+json");
      expect(refused.answer.headers.get("www-authenticate")).toMatch(/^Signature /);

      // The answer says which, and gives an attacker nothing more.
      const problem = JSON.parse(refused.text);
      expect(Object.keys(problem)).toEqual(["title", "status", "detail", "code"]);
      expect(problem.detail).toMatch(/^[A-Z].{20,}\.$/);
      expect(refused.text.length).toBeLessThan(400);
      for (const told of [signature, call.keyId, "secret cause", "    at "]) {
        if (told !== undefined) expect(refused.text).not.toContain(told);
      }
    });
  });

  test("nothing is looked up for a call whose headers are missing, unreadable or too few", async () => {
    for (const call of [
      { sent: { signature: null } },
      { sent: { digest: null } },
      { sent: { date: null } },
      { sent: { "x-copernica-id": null } },
      { sent: { "x-copernica-id": "account" } },
      { sent: { date: "yesterday" } },
      { sent: { digest: "MD5=aaaa" } },
      { keyId: "one.copernica.com.example" },
      { covered: "date" },
      { algorithm: "hmac-sha256" },
      { rewrite: (header: string) => header.replace(/signature=".*"/, 'signature="@"') },
    ]) {
      const { status, lookups } = await judge(await signer.sign(call));
      expect({ status, lookups }).toEqual({ status: 401, lookups: [] });
    }
  });

  test("a call is refused with 503 and a time to retry if DNS does not answer", async () => {
    const { status, code, answer, text } = await judge(await signer.sign({ keyId: "slow._domainkey.copernica.com" }));
    expect({ status, code }).toEqual({ status: 503, code: "key_unavailable" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(text).not.toContain("secret cause");
  });
});

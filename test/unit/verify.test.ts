import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createKeyLookup,
  createWebhookHandler,
  InvalidOptionError,
  type ResolveTxt,
  type TxtRecords,
  type VerifyOptions,
  verifySignature,
  WebhookError,
} from "../../src/index.ts";
import { createDigester } from "../../src/signature/digest.ts";
import { BODY, base64, bytesOf, type Call, COVERED, createSigner, NOW } from "../fixtures/signer.ts";
import { tickingClock } from "../fixtures/signing.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };

const signer = await createSigner();
const stranger = await createSigner({ keyId: "two._domainkey.copernica.com" });

/** What DNS serves in these tests: names and their TXT records. */
const zone: Readonly<Record<string, TxtRecords>> = {
  [signer.keyId]: [[signer.record]],
  [stranger.keyId]: [[stranger.record]],
  "revoked._domainkey.copernica.com": [["v=DKIM1; k=rsa; p="]],
  "ed25519._domainkey.copernica.com": [["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]],
  "broken._domainkey.copernica.com": [["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"]],
  "mail.copernica.com": [["v=spf1 include:example.com ~all"]],
};

const serve: ResolveTxt = async (name) => {
  if (name === "slow._domainkey.copernica.com") throw Object.assign(new Error("secret cause"), { code: "ESERVFAIL" });
  const records = zone[name];
  if (records === undefined) throw Object.assign(new Error("secret cause"), { code: "ENOTFOUND" });
  return records;
};

interface Receiver {
  readonly account?: number | string;
  readonly verify?: VerifyOptions;
  readonly maxBodyBytes?: number;
}

interface Judgement {
  readonly status: number;
  /** The code of the answer, or `verified`. */
  readonly code: string;
  readonly answer: Response;
  readonly text: string;
  /** How often the callback ran. */
  readonly events: number;
  /** The names that were looked up. */
  readonly lookups: readonly string[];
}

describe.each([
  ["with the runtime's fastest cryptography", false],
  ["with WebCrypto alone", true],
])("%s", (_, onlyWebCrypto) => {
  /** Runs what looks for the cryptography of the runtime. */
  function hiding<Value>(make: () => Value): Value {
    const original = process.getBuiltinModule;
    if (onlyWebCrypto) Object.assign(process, { getBuiltinModule: undefined });
    try {
      return make();
    } finally {
      if (onlyWebCrypto) process.getBuiltinModule = original;
    }
  }

  /** What becomes of a call, through the handler, and alone: it must be the same. */
  async function judge(request: Request, receiver: Receiver = {}): Promise<Judgement> {
    const { account = 1234, maxBodyBytes = 1_048_576 } = receiver;
    const lookups: string[] = [];
    let events = 0;
    const options = { clock: () => NOW, ...receiver.verify };
    const resolveTxt: ResolveTxt = (name) => {
      lookups.push(name);
      return (options.resolveTxt ?? serve)(name);
    };
    const handler = hiding(() =>
      createWebhookHandler({
        account,
        maxBodyBytes,
        verify: { ...options, resolveTxt },
        onError() {},
        onWarning() {},
        onEvent() {
          events += 1;
        },
      }),
    );
    const copy = request.clone();
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const answer = await handler(request);
    const text = await answer.clone().text();
    const code = answer.status === 200 ? "verified" : String(JSON.parse(text).code);

    if (answer.status === 200 || answer.status === 401 || code === "key_unavailable") {
      const { keyDomain = "copernica.com", clock, resolveTxt: _, ...rest } = options;
      const keys = hiding(() => createKeyLookup({ resolveTxt, keyDomain, clock }));
      const alone = hiding(() => verifySignature(copy, body, { account, keys, clock, ...rest })).then(
        () => "verified",
        (error: unknown) => (error instanceof WebhookError ? error.code : error),
      );
      expect(await alone).toBe(code);
    }
    return { status: answer.status, code, answer, text, events, lookups };
  }

  /** The code that a call is answered with. */
  async function codeOf(call: Call, receiver?: Receiver): Promise<string> {
    return (await judge(await signer.sign(call), receiver)).code;
  }

  test("is what these tests run on", async () => {
    const digest = hiding(() => createDigester()("SHA-256", new Uint8Array(1)));
    expect(digest instanceof Promise).toBe(onlyWebCrypto || process.getBuiltinModule === undefined);
    expect(await digest).toBe("bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=");
  });

  describe("calls that Copernica's own library signed", () => {
    function received({ request }: (typeof php.cases)[number] | (typeof php.refused)[number]): Request {
      const { url, method, headers, bodyBase64 } = request;
      return new Request(url, { method, headers: Object.entries(headers), body: bytesOf(bodyBase64) });
    }

    function receiverOf({ account, keyId, txtRecord, date }: (typeof php.cases)[number]): Receiver {
      const resolveTxt: ResolveTxt = async (name) => (name === keyId ? [txtRecord] : []);
      return { account, verify: { resolveTxt, clock: () => date } };
    }

    test.each(php.cases.filter(({ expected }) => expected === "verified"))("are accepted: $name", async (vector) => {
      const { status, events } = await judge(received(vector), receiverOf(vector));
      expect({ status, events }).toEqual({ status: 200, events: 1 });
    });

    test("are identified by the start of their signatures, whatever is in these", async () => {
      for (const vector of php.cases.filter(({ expected }) => expected === "verified")) {
        const { account, verify } = receiverOf(vector);
        const keys = hiding(() => createKeyLookup({ resolveTxt: verify?.resolveTxt ?? serve }));
        const request = received(vector);
        const options = { account: account ?? 0, keys, clock: () => vector.date };
        const body = bytesOf(vector.request.bodyBase64);
        const { deliveryId } = await hiding(() => verifySignature(request, body, options));
        const signature = /signature="(.{32})/.exec(request.headers.get("signature") ?? "")?.[1];
        expect(deliveryId).toBe(signature?.replaceAll("+", "-").replaceAll("/", "_"));
      }
    });

    test.each(php.cases.filter(({ expected }) => expected === "verified"))(
      "are refused elsewhere: $name",
      async (vector) => {
        for (const url of [`${vector.request.url}x`, vector.request.url.replace("hooks.", "hook.")]) {
          const { headers, bodyBase64 } = vector.request;
          const moved = new Headers(Object.entries(headers));
          moved.set("host", new URL(url).host);
          const request = new Request(url, { method: "POST", headers: moved, body: bytesOf(bodyBase64) });
          expect((await judge(request, receiverOf(vector))).code).toBe("signature_mismatch");
        }
      },
    );

    test.each(php.cases.filter(({ expected }) => expected === "weak"))("are refused: $name", async (vector) => {
      const { code, events } = await judge(received(vector), receiverOf(vector));
      expect({ code, events }).toEqual({ code: "key_refused", events: 0 });
    });

    const codes: Readonly<Record<string, string>> = {
      algorithm: "algorithm_refused",
      "digest algorithm": "algorithm_refused",
      "not covered": "signature_incomplete",
    };
    const codesByName: Readonly<Record<string, string>> = {
      "values left out of the signing string": "signature_mismatch",
      "another account than the receiver's": "account_mismatch",
      "SMTPeter environment of the same number": "invalid_account_header",
    };
    test.each(php.refused)("are refused: $name", async (vector) => {
      const { code, status, events } = await judge(received(vector), receiverOf(vector));
      expect({ code, status, events }).toEqual({
        code: codes[vector.reason] ?? codesByName[vector.name],
        status: 401,
        events: 0,
      });
    });
  });

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

    test("may lie elsewhere where keyDomain says so, and then only there", async () => {
      const resolveTxt: ResolveTxt = async () => [[signer.record]];
      for (const keyDomain of ["keys.example.org", "Keys.Example.ORG"]) {
        const verify = { keyDomain, resolveTxt };
        expect(await codeOf({ keyId: "a.keys.example.org" }, { verify })).toBe("verified");
        expect(await codeOf({ keyId: "a.example.org" }, { verify })).toBe("key_id_refused");
        expect(await codeOf({ keyId: "one._domainkey.copernica.com" }, { verify })).toBe("key_id_refused");
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

  test("a call is refused with 503 and a time to retry where DNS does not answer", async () => {
    const { status, code, answer, text } = await judge(await signer.sign({ keyId: "slow._domainkey.copernica.com" }));
    expect({ status, code }).toEqual({ status: 503, code: "key_unavailable" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(text).not.toContain("secret cause");
  });

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

  test("a call is accepted where a proxy passed its body on in chunks", async () => {
    expect(await codeOf({ sent: { "content-length": null } })).toBe("verified");
    const shorter = { signed: { "content-length": "3" }, sent: { "content-length": null } };
    expect(await codeOf(shorter)).toBe("signature_mismatch");
  });

  test("a call is accepted over HTTP/2, which has no Host header", async () => {
    expect(await codeOf({ sent: { host: null } })).toBe("verified");
    expect(await codeOf({ sent: { host: null }, sentTo: "https://evil.example.com/copernica" })).toBe(
      "signature_mismatch",
    );
  });

  test("a fragment, which no client sends, is no part of the target", async () => {
    expect(await codeOf({ sentTo: "https://hooks.example.com/copernica#a" })).toBe("verified");
    expect(await codeOf({ sentTo: "https://hooks.example.com/copernica#?a=1" })).toBe("verified");
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

    test("is signed as its bytes also where the runtime reads them as UTF-8", async () => {
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

  test("a URL without a path is called at its root", async () => {
    const { headers } = await signer.sign({ url: "https://hooks.example.com/" });
    const request = { method: "POST", url: "https://hooks.example.com", headers };
    const keys = hiding(() => createKeyLookup({ resolveTxt: serve }));
    const body = new TextEncoder().encode(BODY);
    const options = { account: 1234, keys, clock: () => NOW };
    expect(await hiding(() => verifySignature(request, body, options))).toMatchObject({ keyId: signer.keyId });
  });

  describe("behind a proxy", () => {
    const url = "https://hooks.example.com:8443/copernica?token=1";
    const inside = { sentTo: "http://10.0.0.5:3000/internal/hook?token=1", sent: { host: "10.0.0.5:3000" } };

    test("that changes host and path, publicUrl says what Copernica calls", async () => {
      const call = { url, ...inside };
      expect(await codeOf(call)).toBe("signature_mismatch");
      for (const publicUrl of [url, new URL(url), "https://hooks.example.com:8443/copernica"]) {
        expect(await codeOf(call, { verify: { publicUrl } })).toBe("verified");
      }
      for (const publicUrl of [
        "https://hooks.example.com/copernica",
        "https://hooks.example.com:8443/copernic",
        "https://hooks.example.com:8443/copernica?token=2",
      ]) {
        expect(await codeOf(call, { verify: { publicUrl } })).toBe("signature_mismatch");
      }
    });

    test("there may be no query at all, and no TLS", async () => {
      const publicUrl = "http://hooks.example.com/copernica";
      const call = { url: publicUrl, sentTo: "http://10.0.0.5:3000/hook", sent: { host: "10.0.0.5:3000" } };
      expect(await codeOf(call, { verify: { publicUrl } })).toBe("verified");
    });

    test("a query that publicUrl lacks is that of the request", async () => {
      const verify = { publicUrl: "https://hooks.example.com:8443/copernica" };
      const changed = { url, sentTo: "http://10.0.0.5:3000/internal/hook?token=2" };
      expect(await codeOf(changed, { verify })).toBe("signature_mismatch");
      const dropped = { url, sentTo: "http://10.0.0.5:3000/internal/hook" };
      expect(await codeOf(dropped, { verify })).toBe("signature_mismatch");
      expect(await codeOf(dropped, { verify: { publicUrl: url } })).toBe("verified");
    });

    test("that changes the host alone, publicUrl may be the rest of the request's own URL", async () => {
      const call = { url: "https://hooks.example.com/?a=1", sentTo: "http://localhost:3000/?a=1" };
      expect(await codeOf(call, { verify: { publicUrl: "https://hooks.example.com" } })).toBe("verified");
    });
  });

  describe("only one spelling of a signature", () => {
    const asNumber = (bytes: Uint8Array) => bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
    const asBytes = (number: bigint) =>
      Uint8Array.from(number.toString(16).padStart(256, "0").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

    test("is accepted: none with zeros before or after it", async () => {
      for (const forge of [
        (signature: Uint8Array) => Uint8Array.from([0, ...signature]),
        (signature: Uint8Array) => Uint8Array.from([...signature, 0]),
      ]) {
        expect(await codeOf({ forge })).toBe("signature_mismatch");
      }
    });

    test("is accepted: none shortened by its leading zero, none with the modulus added", async () => {
      const spki = bytesOf(signer.record.split("p=")[1] ?? "");
      const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      const { n = "" } = await crypto.subtle.exportKey(
        "jwk",
        await crypto.subtle.importKey("spki", spki, rsa, true, ["verify"]),
      );
      const modulus = asNumber(bytesOf(n.replaceAll("-", "+").replaceAll("_", "/")));
      let small: Uint8Array<ArrayBuffer> | undefined;
      let nonce = 0;
      while (small === undefined) {
        nonce += 1;
        await signer.sign({
          signed: { "x-nonce": String(nonce) },
          forge: (signature) => {
            if (signature[0] === 0) small = signature;
            return signature;
          },
        });
      }
      const call = { signed: { "x-nonce": String(nonce) } };
      const shifted = asBytes(asNumber(small) + modulus);
      expect(shifted).toHaveLength(128);
      expect(await codeOf(call)).toBe("verified");
      expect(await codeOf({ ...call, forge: (signature) => signature.slice(1) })).toBe("signature_mismatch");
      expect(await codeOf({ ...call, forge: () => shifted })).toBe("signature_mismatch");
    });
  });

  describe("the order of checks", () => {
    const bomb = Array.from({ length: 20_000 }, (_, index) => `a[${index}]=1`).join("&");
    test.each<[string, number, string, Call]>([
      ["text", 401, "signature_incomplete", { sent: { "content-type": "text/plain" }, covered: "date" }],
      ["broken JSON", 401, "signature_incomplete", { body: "{", covered: "date" }],
      ["more variables than are read", 401, "signature_incomplete", { body: bomb, covered: "date" }],
      ["nothing", 401, "signature_incomplete", { body: "", covered: "date" }],
    ])("puts the signature before the content: %s without a good signature", async (_, status, code, call) => {
      const unsigned = await judge(await signer.sign(call));
      expect(unsigned).toMatchObject({ status, code, events: 0 });
    });

    test.each<[number, string, Call]>([
      [415, "unsupported_content_type", { signed: { "content-type": "text/plain" } }],
      [400, "undecodable_body", { signed: { "content-type": "application/json" }, body: "{" }],
      [400, "undecodable_body", { body: bomb }],
      [422, "invalid_event", { body: "type=create" }],
    ])("comes to the content with a good signature: %i %s", async (status, code, call) => {
      expect(await judge(await signer.sign(call))).toMatchObject({ status, code, events: 0 });
    });

    test("puts the sender before the size, and before a byte of the body is read", async () => {
      for (const call of [
        { sent: { signature: null } },
        { sent: { digest: null } },
        { sent: { date: null } },
        { sent: { "x-copernica-id": null } },
        { covered: "date" },
        { algorithm: "hmac-sha256" },
        { signed: { date: new Date(NOW - 301_000).toUTCString() } },
        { keyId: "one.copernica.com.example" },
        { sent: { "x-nonce": "another" } },
        { signed: { "x-copernica-id": "account_1" } },
      ]) {
        const handler = hiding(() =>
          createWebhookHandler({
            account: 1234,
            maxBodyBytes: 10,
            verify: { resolveTxt: serve, clock: () => NOW },
            onError() {},
            onWarning() {},
          }),
        );
        const request = await signer.sign(call);
        expect({ call, status: (await handler(request)).status }).toEqual({ call, status: 401 });
        expect(request.bodyUsed).toBe(false);
      }
      expect(await codeOf({}, { maxBodyBytes: 10 })).toBe("body_too_large");
    });

    test("tells nobody but who can sign for which account it is", async () => {
      const codes = ["account_1234", "account_4321"].map((id) => [
        codeOf({ sent: { signature: null, "x-copernica-id": id } }),
        codeOf({ signed: { "x-copernica-id": id }, sent: { "x-nonce": "another" } }),
        codeOf({ signed: { "x-copernica-id": id, date: new Date(NOW - 301_000).toUTCString() } }),
      ]);
      const [right, wrong] = await Promise.all(codes.map((some) => Promise.all(some)));
      expect(wrong).toEqual(right);
      expect(await codeOf({ signed: { "x-copernica-id": "account_4321" } })).toBe("account_mismatch");
    });

    test("puts method and path before all of that", async () => {
      const handler = hiding(() =>
        createWebhookHandler({ account: 1234, path: "/copernica", verify: { resolveTxt: serve }, onEvent() {} }),
      );
      const elsewhere = await handler(new Request("https://hooks.example.com/other", { method: "POST", body: BODY }));
      expect(elsewhere.status).toBe(404);
      const got = await handler(new Request("https://hooks.example.com/copernica"));
      expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
      const gotElsewhere = await handler(new Request("https://hooks.example.com/other"));
      expect(gotElsewhere.status).toBe(405);
    });
  });

  test("a call with any signed byte changed is refused", async () => {
    let events = 0;
    const handler = hiding(() =>
      createWebhookHandler({
        account: 1234,
        verify: { resolveTxt: serve, clock: tickingClock(NOW) },
        onError() {},
        onWarning() {},
        onEvent() {
          events += 1;
        },
      }),
    );
    const url = "https://hooks.example.com/hooks/copernica?list[]=1&token=a%20b";
    const genuine = await signer.sign({ url });
    const headers = Object.fromEntries(genuine.headers);
    const signature = bytesOf(/signature="(.*)"/.exec(headers.signature ?? "")?.[1] ?? "");
    expect((await handler(genuine.clone())).status).toBe(200);
    expect(events).toBe(1);

    /** The text with another character at a place. */
    const changed = (text: string, place: number, code: number) => {
      const at = place % text.length;
      const other = text.charCodeAt(at) === code ? code + 1 : code;
      return text.slice(0, at) + String.fromCharCode(other) + text.slice(at + 1);
    };
    const where = fc.constantFrom(
      ...["url", "body", "signature", "covered", "host", "date", "content-length", "content-type"],
      ...["x-copernica-id", "digest", "x-nonce"],
    );
    const place = fc.nat(2_000);
    const code = fc.integer({ min: 0x21, max: 0x7d }); // visible, so that no trimming undoes the change
    await fc.assert(
      fc.asyncProperty(where, place, code, async (part, at, character) => {
        let sentTo = url;
        let sentBody = BODY;
        const sent = { ...headers };
        if (part === "url") {
          const path = url.slice("https://hooks.example.com/".length);
          sentTo = `https://hooks.example.com/${changed(path, at, character)}`;
          // "/" and "\", or a fragment, may come to the same target once they are parsed.
          fc.pre(new Request(sentTo).url.split("#")[0] !== url);
        } else if (part === "body") {
          sentBody = changed(BODY, at, character);
        } else if (part === "signature") {
          const bytes = Uint8Array.from(signature);
          bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ ((character % 255) + 1);
          sent.signature = (headers.signature ?? "").replace(/signature=".*"/, `signature="${base64(bytes)}"`);
        } else if (part === "covered") {
          const names = changed(COVERED, at, character);
          fc.pre(names.toLowerCase() !== COVERED.toLowerCase());
          sent.signature = (headers.signature ?? "").replace(COVERED, () => names);
        } else {
          sent[part] = changed(headers[part] ?? "", at, character);
        }
        const response = await handler(new Request(sentTo, { method: "POST", headers: sent, body: sentBody }));
        expect(part === "host" ? [400, 401] : [401]).toContain(response.status);
        await response.body?.cancel();
      }),
      { numRuns: 400 },
    );
    expect(events).toBe(1);
  });

  test("what is not covered may differ, and the call stays the same delivery", async () => {
    const covered = "(request-target) host date digest x-copernica-id";
    const body = new TextEncoder().encode(BODY);
    const request = await signer.sign({ covered });
    const replayed = new Request(request.clone(), {
      headers: { ...Object.fromEntries(request.headers), "x-more": "1" },
    });
    const keys = hiding(() => createKeyLookup({ resolveTxt: serve, clock: () => NOW }));
    const options = { account: 1234, keys, clock: () => NOW };
    const [first, second] = [
      await hiding(() => verifySignature(request, body, options)),
      await hiding(() => verifySignature(replayed, body, options)),
    ];
    expect(first).toEqual({
      deliveryId: expect.stringMatching(/^[\w-]{32}$/),
      keyId: signer.keyId,
      date: new Date(NOW),
    });
    expect(second).toEqual(first);
  });
});

describe("a mistake in an option is refused at creation", () => {
  test.each<[string, object]>([
    ["maxAgeSeconds 0", { verify: { maxAgeSeconds: 0 } }],
    ["a negative maxAgeSeconds", { verify: { maxAgeSeconds: -300 } }],
    ["maxAgeSeconds NaN", { verify: { maxAgeSeconds: Number.NaN } }],
    ["an infinite maxAgeSeconds", { verify: { maxAgeSeconds: Number.POSITIVE_INFINITY } }],
    ["account 0", { account: 0 }],
    ["a negative account", { account: -1234 }],
    ["half an account", { account: 1234.5 }],
    ["account NaN", { account: Number.NaN }],
    ["an empty account", { account: "" }],
    ["an account in words", { account: "mine" }],
    ["an account without number", { account: "account_" }],
    ["an account and more", { account: "account_1234x" }],
    ["an environment", { account: "environment_1234" }],
    ["account null", { account: null }],
    ["account undefined, as of a variable that is not set", { account: undefined }],
    ["publicUrl that is a path", { verify: { publicUrl: "/copernica" } }],
    ["publicUrl without scheme", { verify: { publicUrl: "hooks.example.com/copernica" } }],
    ["publicUrl of another scheme", { verify: { publicUrl: "xhttps://hooks.example.com/copernica" } }],
    ["publicUrl whose host looks like a scheme", { verify: { publicUrl: "localhost:3000/copernica" } }],
    ["a key domain that is none", { verify: { keyDomain: ".copernica.com" } }],
    ["an empty key domain", { verify: { keyDomain: "" } }],
    ["a misspelled option of verify", { verify: { maxAge: 60 } }],
  ])("%s", (_, wrong) => {
    const create = () => createWebhookHandler({ account: 1234, onEvent() {}, ...wrong });
    expect(create).toThrow(InvalidOptionError);
    expect(create).toThrow(/^.{20,}[.?]$/);
  });

  test("with what lies beneath as its cause", () => {
    const create = () => createWebhookHandler({ account: 1234, onEvent() {}, verify: { publicUrl: "/copernica" } });
    expect(create).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }));
  });

  test("verify or deliveries without account", () => {
    const deliveries = { claim: () => "claimed" as const, complete() {}, release() {} };
    expect(() => createWebhookHandler({ verify: {}, onEvent() {} })).toThrow(InvalidOptionError);
    expect(() => createWebhookHandler({ deliveries, onEvent() {} })).toThrow(InvalidOptionError);
  });

  test("of verifySignature too", async () => {
    const request = await signer.sign();
    for (const options of [{ account: 0 }, { account: 1234, maxAgeSeconds: 0 }, { account: 1234, publicUrl: "x" }]) {
      await expect(verifySignature(request, new Uint8Array(), options)).rejects.toThrow(InvalidOptionError);
    }
  });
});

test("without account anybody can post, and that is said once, at creation", async () => {
  const warnings: string[] = [];
  let events = 0;
  const handler = createWebhookHandler({
    onWarning: (message) => warnings.push(message),
    onEvent(_, context) {
      events += 1;
      expect(context.deliveryId).toBeUndefined();
    },
  });
  expect(warnings).toEqual([expect.stringContaining("Anybody can post")]);
  for (let call = 0; call < 2; call += 1) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = new Request("https://hooks.example.com/", { method: "POST", headers, body: BODY });
    expect((await handler(request)).status).toBe(200);
  }
  expect(warnings).toHaveLength(1);
  expect(events).toBe(2);
});

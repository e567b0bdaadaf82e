import { describe, expect, test } from "vitest";
import { createWebhookHandler, InvalidOptionError, type WebhookEvent } from "../../src/index.ts";
import {
  type CallOptions,
  createTestCopernica,
  type EventName,
  samples,
  type TestCopernicaOptions,
  type Variables,
} from "../../src/testing.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };

const copernica = await createTestCopernica();
const names = Object.keys(samples) as EventName[]; // there is a sample of each event

describe("a sender for tests", () => {
  test("sends what its receiver's callback gets, in two lines", async () => {
    const seen: unknown[] = [];
    const handler = createWebhookHandler({
      account: 1234,
      verify: { resolveTxt: copernica.resolveTxt },
      onProfileCreate: (event) => seen.push(event.fields.email),
    });
    const response = await handler(await copernica.request(samples["profile.create"]));
    expect([response.status, seen]).toEqual([200, ["sanne@example.com"]]);
  });

  test("sends the same headers, in the same form, as Copernica's own library", async () => {
    const vector = php.cases.find(({ name }) => name === "covered names spelled as documented");
    const { headers, url } = await copernica.request(samples["profile.create"]);
    const own = Object.entries(vector?.request.headers ?? {});
    expect(url).toBe("https://example.com/webhooks/copernica");
    expect([...headers.keys()].sort()).toEqual(own.map(([name]) => name.toLowerCase()).sort());

    /** What a value looks like, whatever it is. */
    const form = (value: string) =>
      value
        .replace(/keyId=".*?"/, "keyId")
        .replace(/signature=".*?"/, "signature")
        .replace(/(SHA-256=)[\w+/]{43}=/, "$1")
        .replace(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, "date")
        .replace(/^\d+$/, "number");
    for (const [name, value] of own) {
      const sent = headers.get(name) ?? "";
      if (!["X-Nonce", "Host"].includes(name)) expect(form(sent)).toBe(form(value));
      else expect(sent).not.toBe("");
    }
  });

  test.each(names.flatMap((name) => [[name, "form"] as const, [name, "json"] as const]))(
    "has a sample of %s, which comes through as %s",
    async (name, encoding) => {
      const events: (WebhookEvent | { readonly name: "unknown" })[] = [];
      const handler = createWebhookHandler({
        account: 1234,
        verify: { resolveTxt: copernica.resolveTxt },
        onEvent: (event) => events.push(event),
      });
      expect((await handler(await copernica.request(samples[name], { encoding }))).status).toBe(200);
      expect(events).toMatchObject([{ name, type: samples[name].type }]);
    },
  );

  test("can be another account, at another URL, with another key", async () => {
    const keyId = "two._domainkey.copernica.com";
    const other = await createTestCopernica({ account: 5, url: "http://localhost:3000/?a=b", keyId, keyBits: 1_024 });
    expect(other).toMatchObject({ account: 5, keyId });
    const request = await other.request(samples.open);
    expect(request.url).toBe("http://localhost:3000/?a=b");
    expect(request.headers.get("x-copernica-id")).toBe("account_5");
    const settings = { verify: { resolveTxt: other.resolveTxt }, onEvent() {}, onError() {}, onWarning() {} };
    expect((await createWebhookHandler({ account: 5, ...settings })(request.clone())).status).toBe(200);
    expect((await createWebhookHandler({ account: 1234, ...settings })(request)).status).toBe(401);
    expect(
      (await createWebhookHandler({ account: 1234, ...settings })(await copernica.request(samples.open))).status,
    ).toBe(401);
  });

  test("can send a call elsewhere, at another time, and the same call twice", async () => {
    const date = new Date(Date.UTC(2026, 10, 24, 10));
    let runs = 0;
    const handler = createWebhookHandler({
      account: 1234,
      verify: { resolveTxt: copernica.resolveTxt, clock: () => date.getTime() },
      onEvent() {
        runs += 1;
      },
    });
    const call = { url: "https://hooks.example.com/elsewhere?a=%20", date, nonce: "once" };
    const requests = [await copernica.request(samples.click, call), await copernica.request(samples.click, call)];
    expect(requests[0]?.headers.get("signature")).toBe(requests[1]?.headers.get("signature"));
    for (const request of requests) expect((await handler(request)).status).toBe(200);
    expect(runs).toBe(1);
    expect((await handler(await copernica.request(samples.click, { ...call, nonce: "twice" }))).status).toBe(200);
    expect(runs).toBe(2);
  });

  test("sends calls that are different deliveries, even of the same event in the same second", async () => {
    const date = new Date();
    const [first, second] = [
      await copernica.request(samples.abuse, { date }),
      await copernica.request(samples.abuse, { date }),
    ];
    expect(first.headers.get("signature")).not.toBe(second.headers.get("signature"));
  });

  test("can be told its account as Copernica writes it", async () => {
    const { account, request } = await createTestCopernica({ account: "account_77", keyBits: 1_024 });
    expect(account).toBe(77);
    expect((await request(samples.open)).headers.get("x-copernica-id")).toBe("account_77");
  });

  test("has a key whose name is found in any case, as names in DNS are", async () => {
    const { keyId, records, resolveTxt, request } = await createTestCopernica({
      keyId: "One._DomainKey.copernica.com",
      keyBits: 1_024,
    });
    expect(keyId).toBe("One._DomainKey.copernica.com");
    for (const name of [keyId, keyId.toLowerCase(), keyId.toUpperCase()]) {
      expect(await resolveTxt(name)).toEqual(records);
    }
    const handler = createWebhookHandler({ account: 1234, verify: { resolveTxt }, onOpen() {} });
    expect((await handler(await request(samples.open))).status).toBe(200);
  });

  test("serves its key, in strings that a TXT record can have, and no other name", async () => {
    expect(await copernica.resolveTxt(copernica.keyId)).toEqual(copernica.records);
    for (const strings of copernica.records) {
      expect(strings.join("")).toMatch(/^v=DKIM1; k=rsa; p=[\w+/]{300,}=*$/);
      for (const string of strings) expect(string.length).toBeLessThanOrEqual(255);
    }
    await expect(copernica.resolveTxt("one._domainkey.copernica.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("a sender's key", () => {
  test("is given as PEM, and makes a sender that the same receivers trust", async () => {
    expect(copernica.privateKey).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n([\w+/=]{64}\n)+[\w+/=]{1,64}\n-----END PRIVATE KEY-----\n$/,
    );
    const again = await createTestCopernica({ privateKey: copernica.privateKey });
    expect(again.records).toEqual(copernica.records);
    expect(again.privateKey).toBe(copernica.privateKey);
    const seen: unknown[] = [];
    const handler = createWebhookHandler({
      account: 1234,
      verify: { resolveTxt: copernica.resolveTxt },
      onProfileCreate: (event) => seen.push(event.profile),
    });
    expect((await handler(await again.request({ ...samples["profile.create"], profile: 7 }))).status).toBe(200);
    expect(seen).toEqual([7]);
  });

  test("is another one for each sender that is not given one", async () => {
    const other = await createTestCopernica({ keyBits: 1_024 });
    expect(other.records).not.toEqual(copernica.records);
  });

  test.each([
    ["Windows line ends", (pem: string) => pem.replaceAll("\n", "\r\n")],
    ["one line of base64", (pem: string) => pem.replace(/(?<=[\w+/=])\n(?=[\w+/=])/g, "")],
    ["white space around it", (pem: string) => `\n  ${pem}\n\n`],
  ])("is read from PEM with %s", async (_, rewrite) => {
    const again = await createTestCopernica({ privateKey: rewrite(copernica.privateKey) });
    expect(again.records).toEqual(copernica.records);
  });

  const body = (pem: string) => pem.replace(/-----[A-Z ]+-----/g, "").trim();

  test.each<[string, (pem: string) => unknown]>([
    ["is no text", () => 5],
    ["is empty", () => ""],
    ["is no PEM", body],
    ["is cut off", (pem) => pem.replace(body(pem), body(pem).slice(0, 200))],
    ["is no base64", (pem) => pem.replace(body(pem), "====")],
    ["is a public key", (pem) => pem.replaceAll("PRIVATE", "PUBLIC")],
    ["is in the older form of RSA alone", (pem) => pem.replaceAll("PRIVATE", "RSA PRIVATE")],
  ])("that %s is refused, and the error has nothing of it", async (_, spoil) => {
    const privateKey = spoil(copernica.privateKey);
    const error = await createTestCopernica({ privateKey: privateKey as string }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(String(error)).toContain(
      'createTestCopernica: privateKey must be an RSA key in PEM, "-----BEGIN PRIVATE KEY',
    );
    expect(String(error)).not.toContain(body(copernica.privateKey).slice(0, 20));
  });

  test("of another kind than RSA is refused", async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
    const privateKey = `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...pkcs8))}\n-----END PRIVATE KEY-----\n`;
    await expect(createTestCopernica({ privateKey })).rejects.toThrow(/privateKey must be an RSA key in PEM/);
  });

  test("has the length that it has: keyBits is for a new one", async () => {
    const options = { privateKey: copernica.privateKey, keyBits: 2_048 };
    await expect(createTestCopernica(options)).rejects.toThrow(/keyBits is for a new key/);
  });
});

describe("a mistake in the options of a sender is refused, which says what it must be:", () => {
  test.each<[object, RegExp]>([
    [{ acount: 1 }, /^createTestCopernica has no option acount\. Did you mean account\?/],
    [{ account: "acme" }, /^createTestCopernica: account must be .* got "acme"/],
    [{ account: 0 }, /account must be/],
    [{ url: "example.com/hook" }, /^createTestCopernica: url must be a whole URL/],
    [{ keyId: "" }, /^createTestCopernica: keyId must be a text that is not empty/],
    [{ keyBits: "2048" }, /^createTestCopernica: keyBits must be a whole number from 512 to 16384/],
    [{ keyBits: 1 }, /keyBits must be/],
  ])("%j", async (options, message) => {
    const error = await createTestCopernica(options as TestCopernicaOptions).catch((thrown: unknown) => thrown); // it is not
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each<[object, RegExp]>([
    [{ encodng: "json" }, /^request has no option encodng\. Did you mean encoding\?/],
    [{ encoding: "xml" }, /^request: encoding must be "form" or "json"; got "xml"/],
    [{ date: "now" }, /^request: date must be a valid Date; got "now"/],
    [{ date: new Date(Number.NaN) }, /^request: date must be a valid Date/],
    [{ url: "/hook" }, /^request: url must be a whole URL/],
    [{ nonce: "" }, /^request: nonce must be/],
  ])("of a call, %j", async (options, message) => {
    const error = await copernica.request(samples.open, options as CallOptions).catch((thrown: unknown) => thrown); // it is not
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test("but undefined is as if it were not there", async () => {
    const options = { account: undefined, url: undefined, keyId: undefined, privateKey: copernica.privateKey };
    const { account, keyId, request } = await createTestCopernica({ ...options, keyBits: undefined });
    expect({ account, keyId }).toEqual({ account: copernica.account, keyId: copernica.keyId });
    const call = { url: undefined, date: undefined, encoding: undefined, nonce: undefined };
    expect((await request(samples.open, call)).url).toBe("https://example.com/webhooks/copernica");
  });
});

test("a variable that nobody documented can be sent on purpose, and is in raw", async () => {
  const variables: Variables = { ...samples.click, device: "phone" };
  const seen: unknown[] = [];
  const handler = createWebhookHandler({
    account: 1234,
    verify: { resolveTxt: copernica.resolveTxt },
    onClick: (event) => seen.push(event.raw.device),
  });
  expect((await handler(await copernica.request(variables))).status).toBe(200);
  expect(seen).toEqual(["phone"]);
});

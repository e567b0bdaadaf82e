import { describe, expect, test } from "vitest";
import { createWebhookHandler, type WebhookEvent } from "../../src/index.ts";
import { createTestCopernica, type EventName, samples } from "../../src/testing.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };

const copernica = await createTestCopernica();
const names = Object.keys(samples) as EventName[]; // the map has a sample of each

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

  test("serves its key, in strings that a TXT record can have, and no other name", async () => {
    expect(await copernica.resolveTxt(copernica.keyId)).toEqual(copernica.records);
    for (const strings of copernica.records) {
      expect(strings.join("")).toMatch(/^v=DKIM1; k=rsa; p=[\w+/]{300,}=*$/);
      for (const string of strings) expect(string.length).toBeLessThanOrEqual(255);
    }
    await expect(copernica.resolveTxt("one._domainkey.copernica.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

import dns from "node:dns";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createKeyLookup,
  createWebhookHandler,
  type ResolveTxt,
  resolveTxtOverHttps,
  verifySignature,
  type WebhookHandler,
} from "../../src/index.ts";
import { createTestCopernica, samples } from "../../src/testing.ts";
import { type DnsServer, startDnsServer } from "./server.ts";

const copernica = await createTestCopernica();
const rotated = await createTestCopernica();
const strong = await createTestCopernica({ keyId: "strong._domainkey.copernica.com", keyBits: 4_096 });
const event = samples["profile.create"];
const { keyId } = copernica;

let server: DnsServer;
let servers: readonly string[];

beforeAll(async () => {
  server = await startDnsServer();
  servers = dns.getServers();
  dns.setServers([server.address]);
});

beforeEach(() => {
  server.zone.clear();
  server.queries.length = 0;
  Object.assign(server, { ttlSeconds: 300, delayMs: 0, mostAtOnce: 0 });
});

afterAll(async () => {
  dns.setServers(servers);
  await server.close();
});

/** A resolver of one's own. */
function ownResolver(address: string, options?: dns.ResolverOptions): ResolveTxt {
  return async (name, { signal } = {}) => {
    const resolver = new dns.promises.Resolver(options);
    resolver.setServers([address]);
    signal?.addEventListener("abort", () => resolver.cancel());
    return await resolver.resolveTxt(name);
  };
}

describe.each<[string, () => { resolveTxt?: ResolveTxt }, number]>([
  ["the resolver of node:dns, by default", () => ({}), 3_600],
  ["a resolver of one's own", () => ({ resolveTxt: ownResolver(server.address) }), 3_600],
  ["DNS over HTTPS", () => ({ resolveTxt: resolveTxtOverHttps(server.url) }), 300],
])("through %s", (_, resolution, ttlSeconds) => {
  let now: number;
  let handler: WebhookHandler;
  let events: number;

  beforeEach(() => {
    now = Date.now();
    events = 0;
    handler = createWebhookHandler({
      account: 1234,
      verify: { ...resolution(), clock: () => now },
      onError() {},
      onWarning() {},
      onProfileCreate() {
        events += 1;
      },
    });
  });

  /** What a call of a sender's is answered with. */
  async function call(sender = copernica): Promise<string> {
    const response = await handler(await sender.request(event, { date: new Date(now) }));
    const text = await response.text();
    return text === "" ? String(response.status) : `${response.status} ${JSON.parse(text).code}`;
  }

  test("a key is found in a record of several strings", async () => {
    expect(copernica.records[0]?.length).toBeGreaterThan(1);
    server.zone.set(keyId, copernica.records);
    expect(await call()).toBe("200");
    expect(await call()).toBe("200");
    expect(server.queries).toEqual([keyId]);
  });

  test("a key is found whose record does not fit a datagram of old", async () => {
    server.zone.set(strong.keyId, [["x".repeat(255), "x".repeat(255), "x".repeat(255)], ...strong.records]);
    expect(await call(strong)).toBe("200");
  });

  test("a key is found beside other records, and behind an alias", async () => {
    server.zone.set(keyId, { alias: "current.keys.copernica.com" });
    server.zone.set("current.keys.copernica.com", [["v=spf1 -all"], ['a "quoted" \\ text'], ...copernica.records]);
    expect(await call()).toBe("200");
  });

  test("a name that does not exist, or that has no such records, is no key", async () => {
    expect(await call()).toBe("401 key_not_found");
    server.zone.set(strong.keyId, []);
    expect(await call(strong)).toBe("401 key_not_found");
    expect(events).toBe(0);
  });

  test("a revoked key is refused", async () => {
    server.zone.set(keyId, [["v=DKIM1; k=rsa; p="]]);
    expect(await call()).toBe("401 key_revoked");
  });

  test("a DNS that fails makes no forgery of an event, which comes through when it is back", async () => {
    server.zone.set(keyId, "SERVFAIL");
    expect(await call()).toBe("503 key_unavailable");
    server.zone.set(keyId, copernica.records);
    now += 5_000;
    expect(await call()).toBe("200");
  });

  test("a key is remembered as long as the resolver says, or an hour if it does not tell", async () => {
    server.zone.set(keyId, copernica.records);
    for (const milliseconds of [0, ttlSeconds * 1_000 - 1, 1]) {
      now += milliseconds;
      expect(await call()).toBe("200");
    }
    expect(server.queries).toEqual([keyId, keyId]);
  });

  test("a rotation costs no event", async () => {
    server.zone.set(keyId, copernica.records);
    expect(await call()).toBe("200");

    // DNS has both for a while, as the sender changes over.
    server.zone.set(keyId, [...copernica.records, ...rotated.records]);
    expect(await Promise.all([call(rotated), call(copernica), call(rotated)])).toEqual(["200", "200", "200"]);
    expect(server.queries).toHaveLength(2);

    // A month later the old one is gone, and cached here until then.
    now += 60_000;
    server.zone.set(keyId, rotated.records);
    expect(await call(rotated)).toBe("200");
    expect(server.queries).toHaveLength(2);
    expect(await call(copernica)).toBe("200");

    // The next one replaces it at once: what is cached is looked up afresh when it fails.
    server.zone.set(keyId, strong.records);
    const renamed = async () => {
      const request = await strong.request(event, { date: new Date(now) });
      const headers = new Headers(request.headers);
      headers.set("signature", (headers.get("signature") ?? "").replace(strong.keyId, keyId));
      return (await handler(new Request(request, { headers }))).status;
    };
    expect(await renamed()).toBe(200);
    expect(await renamed()).toBe(200);
    expect(server.queries).toHaveLength(3);
    expect(await call(copernica)).toBe("401 signature_mismatch");
    expect(server.queries).toHaveLength(4);
    expect(events).toBe(8);
  });

  /** Calls with the names of keys that nobody has. */
  async function flood(prefix: string, length: number): Promise<number[]> {
    const calls = await Promise.all(
      Array.from({ length }, async (_, index) => {
        const request = await copernica.request(event, { date: new Date(now) });
        const headers = new Headers(request.headers);
        headers.set("signature", (headers.get("signature") ?? "").replace(keyId, `${prefix}-${index}.copernica.com`));
        return new Request(request, { headers });
      }),
    );
    return await Promise.all(calls.map(async (request) => (await handler(request)).status));
  }

  test("a flood of made-up keys asks for a handful of names at once, and keeps no event out, the first neither", async () => {
    server.zone.set(keyId, copernica.records);
    server.delayMs = 20;
    const first = flood("made-up", 100);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await call()).toBe("200");
    const second = flood("made-up-too", 100);
    expect(await call()).toBe("200");
    expect(new Set([...(await first), ...(await second)])).toEqual(new Set([401]));
    expect(server.mostAtOnce).toBeLessThanOrEqual(8);
    expect(await call()).toBe("200");
    expect(events).toBe(3);
  });

  test("names that DNS never answers keep the first event out for no longer than the time that it has", async () => {
    server.zone.set(keyId, copernica.records);
    for (let index = 0; index < 6; index += 1) server.zone.set(`silent-${index}.copernica.com`, "silence");
    const silent = flood("silent", 6);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    expect(await call()).toBe("200");
    expect(performance.now() - start).toBeLessThan(6_000);
    expect(new Set(await silent)).toEqual(new Set([503]));
  });

  test("a key is still used while DNS is silent, and forgeries get no answer about it", async () => {
    server.zone.set(keyId, copernica.records);
    expect(await call()).toBe("200");
    server.zone.set(keyId, "silence");
    now += ttlSeconds * 1_000;
    expect(await call()).toBe("200");
    expect(await call()).toBe("200");
    expect(await call(rotated)).toBe("503 key_unavailable");
    expect(events).toBe(3);
  });

  test("a server that has lost a key for a moment costs no event", async () => {
    server.zone.set(keyId, copernica.records);
    expect(await call()).toBe("200");
    now += ttlSeconds * 1_000;
    server.zone.delete(keyId);
    server.delayMs = 100;
    const calls = [call(), call()];
    await new Promise((resolve) => setTimeout(resolve, 150));
    server.zone.set(keyId, copernica.records);
    expect(await Promise.all(calls)).toEqual(["200", "200"]);
  });
});

test("if DNS does not answer, or is not there, an event is no forgery", { timeout: 10_000 }, async () => {
  server.zone.set(keyId, "silence");
  for (const resolveTxt of [
    ownResolver(server.address, { timeout: 200, tries: 1 }),
    resolveTxtOverHttps(server.url),
    ownResolver("127.0.0.1:1", { timeout: 200, tries: 1 }),
    resolveTxtOverHttps("http://127.0.0.1:1/dns-query"),
  ]) {
    const { verify } = createKeyLookup({ resolveTxt });
    const verified = verify(keyId, new Uint8Array(), new Uint8Array());
    await expect(verified).rejects.toMatchObject({ code: "key_unavailable" });
  }
});

test("verifySignature alone remembers keys from one call to the next", async () => {
  server.zone.set(keyId, copernica.records);
  for (let call = 0; call < 3; call += 1) {
    const request = await copernica.request(event);
    const body = new Uint8Array(await request.clone().arrayBuffer());
    expect(await verifySignature(request, body, { account: 1234 })).toMatchObject({ keyId });
  }
  expect(server.queries).toEqual([keyId]);
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyLookup, createWebhookHandler, InvalidOptionError } from "../../src/index.ts";

const name = "one._domainkey.copernica.com";
const records = [["v=DKIM1; p="]];

/** The URLs that were fetched. */
const fetched: string[] = [];

/** What a resolver of the stand-in for node:dns did, in order. */
const done: string[] = [];

class Resolver {
  servers: readonly string[] = ["192.0.2.1"];
  reject: (reason: Error) => void = () => {};

  getServers(): readonly string[] {
    return this.servers;
  }

  setServers(servers: readonly string[]): void {
    this.servers = servers;
  }

  async resolveTxt(asked: string): Promise<string[][]> {
    done.push(`asked ${this.servers} for ${asked}`);
    if (asked.startsWith("silent.")) return await new Promise((_, reject) => Object.assign(this, { reject }));
    return records;
  }

  cancel(): void {
    done.push("canceled");
    this.reject(new Error("ECANCELLED"));
  }
}

let servers = ["192.0.2.1"];
const dns = { Resolver, getServers: () => servers };

beforeEach(() => {
  fetched.length = 0;
  done.length = 0;
  servers = ["192.0.2.1"];
  vi.stubGlobal("fetch", async (input: URL) => {
    fetched.push(String(input));
    return Response.json({ Status: 0, Answer: [{ name, type: 16, TTL: 300, data: "v=DKIM1; p=" }] });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Makes something on a runtime that has these globals, and no others of these names. */
function makeOn<Value>(runtime: { process?: unknown; navigator?: unknown }, make: () => Value): Value {
  const own = (["process", "navigator"] as const).map((global) => {
    return [global, Object.getOwnPropertyDescriptor(globalThis, global)] as const;
  });
  for (const [global] of own) {
    Object.defineProperty(globalThis, global, { value: runtime[global], configurable: true, writable: true });
  }
  try {
    return make();
  } finally {
    for (const [global, descriptor] of own) {
      Reflect.deleteProperty(globalThis, global);
      if (descriptor !== undefined) Object.defineProperty(globalThis, global, descriptor);
    }
  }
}

const modules: Readonly<Record<string, unknown>> = { "node:dns/promises": dns };
const node = {
  process: { versions: { node: "20.16.0" }, getBuiltinModule: (module: string) => modules[module] },
};

/** What a call comes to whose key is looked up as by default. */
async function call(runtime: { process?: unknown; navigator?: unknown }, keyId = name): Promise<string> {
  const { verify } = makeOn(runtime, () => createKeyLookup());
  return await (async () => verify(keyId, new Uint8Array(), new Uint8Array()))().then(String, ({ code }) => code);
}

describe("by default", () => {
  test("the runtime's own DNS is asked, and nobody else", async () => {
    expect(await call(node)).toBe("key_revoked");
    expect(done).toEqual([`asked 192.0.2.1 for ${name}`]);
    expect(fetched).toEqual([]);
  });

  // Deno asks for a permission before it tells them.
  test.skipIf("Deno" in globalThis)("the servers that the program chose are asked", async () => {
    servers = ["192.0.2.2", "192.0.2.3"];
    await call(node);
    expect(done).toEqual([`asked 192.0.2.2,192.0.2.3 for ${name}`]);
  });

  test("a query ends when its 5 seconds are over", async () => {
    vi.useFakeTimers();
    const outcome = call(node, "silent.copernica.com");
    await vi.advanceTimersByTimeAsync(4_999);
    expect(done).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(done.slice(1)).toEqual(["canceled"]);
    expect(await outcome).toBe("key_unavailable");
  });

  test("a Node that does not give its DNS away is refused at creation, and no third party is asked", () => {
    const old = { process: { versions: { node: "20.15.1" } } };
    expect(() => makeOn(old, () => createKeyLookup())).toThrow(InvalidOptionError);
    expect(() => makeOn(old, () => createKeyLookup())).toThrow(/resolveTxt .* 20\.16/);
    expect(() => makeOn(old, () => createWebhookHandler({ account: 1234, onEvent() {} }))).toThrow(InvalidOptionError);
    expect(() => makeOn(old, () => createKeyLookup({ resolveTxt: async () => records }))).not.toThrow();
    expect(fetched).toEqual([]);
  });

  test.each<[string, { process?: unknown; navigator?: unknown }]>([
    ["has no DNS of its own", {}],
    ["has an environment alone", { process: { env: {} } }],
    [
      "is a Worker, whose node:dns takes failures for names that do not exist",
      { ...node, navigator: { userAgent: "Cloudflare-Workers" } },
    ],
  ])("DNS over HTTPS is asked if the runtime %s", async (_, runtime) => {
    expect(await call(runtime)).toBe("key_revoked");
    expect(fetched).toEqual([`https://cloudflare-dns.com/dns-query?name=${name}&type=TXT`]);
    expect(done).toEqual([]);
  });
});

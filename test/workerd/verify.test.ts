import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare, Response } from "miniflare";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import php from "../vectors/copernica-php.json" with { type: "json" };
import type { Described, Outcome } from "./worker.ts";

type Vector = (typeof php.cases)[number];

let folder: string;
let script: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "copernica-webhooks-"));
  await build({
    config: false,
    entry: [fileURLToPath(new URL("worker.ts", import.meta.url))],
    format: "esm",
    target: "es2022",
    platform: "neutral",
    noExternal: [/.*/],
    outDir: folder,
    outExtension: () => ({ js: ".mjs" }),
    silent: true,
  });
  script = await readFile(join(folder, "worker.mjs"), "utf8");
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ["without compatibility flags", [], false],
  ["with nodejs_compat", ["nodejs_compat"], true],
])("in a Worker %s", (_, compatibilityFlags, fastPath) => {
  let worker: Miniflare;
  /** What the Worker fetched. */
  const fetched: string[] = [];
  /** What the resolver of DNS over HTTPS answers. */
  let answer: () => Response;

  beforeAll(async () => {
    worker = new Miniflare({
      modules: true,
      script,
      compatibilityDate: "2026-04-01",
      compatibilityFlags,
      outboundService({ url }: { url: string }) {
        fetched.push(url);
        return answer();
      },
    });
    await worker.ready;
  }, 60_000);

  afterAll(async () => {
    await worker.dispose();
  });

  async function ask<Answer>(path: string, body: unknown = {}): Promise<Answer> {
    const response = await worker.dispatchFetch(`http://localhost${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    return (await response.json()) as Answer; // as worker.ts has it
  }

  function described({ account, date, keyId, txtRecord, request }: Vector): Described {
    const headers = Object.fromEntries(Object.entries(request.headers));
    return { account, clock: date, keyId, records: [txtRecord], request: { ...request, headers } };
  }

  async function verify(call: Described): Promise<Outcome> {
    return await ask<Outcome>("/verify", call);
  }

  test("the runtime is what it says", async () => {
    expect(await ask("/runtime")).toEqual({ fastPath });
  });

  test.each(php.cases.filter(({ expected }) => expected === "verified"))(
    "a genuine call is accepted: $name",
    async (vector) => {
      expect(await verify(described(vector))).toEqual({ code: "verified", alone: "verified", detail: "", events: 1 });
    },
  );

  test.each([...php.cases.filter(({ expected }) => expected === "weak"), ...php.refused])(
    "another is refused: $name",
    async (vector) => {
      const { code, alone, events } = await verify(described(vector));
      expect(code).toMatch(/^(key_refused|algorithm_refused|signature_|account_mismatch|invalid_account_header)/);
      expect({ alone, events }).toEqual({ alone: code, events: 0 });
    },
  );

  const [genuine] = php.cases;
  if (genuine === undefined) throw new Error("there are no vectors");
  const call = described(genuine);
  const { request } = call;
  test.each<[string, string, Described]>([
    ["at another path", "signature_mismatch", { ...call, request: { ...request, url: `${request.url}x` } }],
    [
      "with another body",
      "digest_mismatch",
      {
        ...call,
        request: { ...request, bodyBase64: btoa(atob(request.bodyBase64).replace("type=create", "type=update")) },
      },
    ],
    [
      "with another nonce",
      "signature_mismatch",
      { ...call, request: { ...request, headers: { ...request.headers, "X-Nonce": "another" } } },
    ],
    ["too late", "date_out_of_range", { ...call, clock: call.clock + 301_000 }],
    ["for another account", "account_mismatch", { ...call, account: 1 }],
    ["with a revoked key", "key_revoked", { ...call, records: [["v=DKIM1; p="]] }],
    [
      "with a key of another kind",
      "key_refused",
      { ...call, records: [["k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]] },
    ],
    ["with a key that can't be read", "key_refused", { ...call, records: [["p=AAAA"]] }],
    ["with no key", "key_not_found", { ...call, records: [] }],
    [
      "with a name that is none of Copernica's",
      "key_id_refused",
      {
        ...call,
        request: {
          ...request,
          headers: {
            ...request.headers,
            Signature: request.headers.Signature?.replace("copernica.com", "copernica.com.evil.nl") ?? "",
          },
        },
      },
    ],
  ])("a call is refused %s", async (_, code, changed) => {
    expect(await verify(changed)).toMatchObject({ code, alone: code, events: 0 });
  });

  test("a signer for tests works there, for every event, and each delivery runs once", async () => {
    const { statuses, names } = await ask<{ statuses: number[]; names: string[] }>("/own");
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(statuses).toHaveLength(2 * names.length);
    expect(new Set(names).size).toBe(names.length);
  });

  test("keys are looked up with DNS over HTTPS by default", async () => {
    fetched.length = 0;
    const { records = [], ...asking } = call;
    const data = records[0]?.map((string) => `"${string}"`).join(" ");
    answer = () => Response.json({ Status: 0, Answer: [{ name: call.keyId, type: 16, TTL: 60, data }] });
    expect(await verify(asking)).toMatchObject({ code: "verified", detail: "" });
    expect(fetched.length).toBeGreaterThan(0);
    for (const url of fetched) expect(url).toMatch(/^https:\/\/cloudflare-dns\.com\/dns-query\?.*name=one\./);

    answer = () => Response.json({ Status: 3 });
    expect(await verify(asking)).toMatchObject({ code: "key_not_found" });
    answer = () => Response.json({ Status: 2 });
    expect(await verify(asking)).toMatchObject({ code: "key_unavailable" });
    answer = () => new Response(null, { status: 500 });
    expect(await verify(asking)).toMatchObject({ code: "key_unavailable" });
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyLookup, resolveTxtOverHttps } from "../../src/index.ts";
import { defaultResolveTxt } from "../../src/signature/dns.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };
import { costOf } from "./cost.ts";

const name = "one._domainkey.copernica.com";
const vector = php.cases.find((candidate) => candidate.name === "4096-bit key");
const strings = vector?.txtRecord ?? [];

/** The requests that were made to the resolver. */
const requests: { url: string; headers: Headers; signal: AbortSignal | null | undefined }[] = [];

/** What the resolver answers. */
let answer: () => Response | Promise<Response>;

beforeEach(() => {
  requests.length = 0;
  vi.stubGlobal("fetch", async (input: string | URL, init: RequestInit = {}) => {
    requests.push({ url: String(input), headers: new Headers(init.headers), signal: init.signal });
    return await answer();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A resolver's answer. */
function answers(body: unknown, init?: ResponseInit): void {
  answer = () => new Response(JSON.stringify(body), init);
}

/** TXT records as an answer has them. */
function txt(...records: readonly string[]): object[] {
  return records.map((data) => ({ name, type: 16, TTL: 300, data }));
}

/** Why a look-up fails; one that does not fails the test. */
async function failure(): Promise<Error & { code?: unknown }> {
  try {
    await resolveTxtOverHttps()(name);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return error as Error; // checked just above
  }
  throw new Error("the look-up did not fail");
}

describe("DNS over HTTPS", () => {
  test("is asked for the TXT records of a name, in JSON, and not waited for forever", async () => {
    answers({ Status: 0, Answer: txt('"a"') });
    await resolveTxtOverHttps()(name);
    await resolveTxtOverHttps("https://dns.google/resolve")(name);
    await resolveTxtOverHttps("https://resolver.example/dns?key=secret&type=A")("a b&c.copernica.com");
    expect(requests.map(({ url }) => url)).toEqual([
      `https://cloudflare-dns.com/dns-query?name=${name}&type=TXT`,
      `https://dns.google/resolve?name=${name}&type=TXT`,
      "https://resolver.example/dns?key=secret&type=TXT&name=a+b%26c.copernica.com",
    ]);
    for (const { headers, signal } of requests) {
      expect(headers.get("accept")).toBe("application/dns-json");
      expect(signal).toBeInstanceOf(AbortSignal);
    }
  });

  test.each<[string, string, readonly string[]]>([
    ["one quoted string", '"v=DKIM1; p=AA=="', ["v=DKIM1; p=AA=="]],
    ["quoted strings, as Cloudflare writes them", '"v=DKIM1; p=AA" "BB=="', ["v=DKIM1; p=AA", "BB=="]],
    ["quoted strings without space between them", '"v=DKIM1; p=AA""BB=="', ["v=DKIM1; p=AA", "BB=="]],
    ["no quotes, as Google may write them", "v=DKIM1; p=AABB==", ["v=DKIM1; p=AABB=="]],
    ["escapes", '"a\\"b\\\\c\\059d\\195\\169" "\\e"', ['a"b\\c;d\u00c3\u00a9', "e"]],
    ["an empty string", '""', [""]],
    ["nothing", "", [""]],
    ["a quote that is not closed", '"v=DKIM1; p=AA', []],
    ["a quote in the middle", 'v=DKIM1; p="AA"', ['v=DKIM1; p="AA"']],
    ["text after the quotes", '"a" b "c"', ["a"]],
  ])("reads a record of %s", async (_, data, expected) => {
    answers({ Status: 0, Answer: txt(data) });
    expect(await resolveTxtOverHttps()(name)).toEqual({ records: [expected], ttlSeconds: 300 });
  });

  test("reads several records, and passes over what are none", async () => {
    const aliases = [{ name, type: 5, TTL: 300, data: "two._domainkey.copernica.com." }];
    const others = [null, 5, "text", [], {}, { type: 16 }, { type: 16, data: 5 }, { type: 1, data: "192.0.2.1" }];
    answers({ Status: 0, Answer: [...aliases, ...txt('"v=spf1 -all"', "b"), ...others, ...txt('"c" "d"')] });
    expect(await resolveTxtOverHttps()(name)).toEqual({
      records: [["v=spf1 -all"], ["b"], ["c", "d"]],
      ttlSeconds: 300,
    });
  });

  test.each<[string, unknown[], number]>([
    ["the least of the records", [300, 60, 3_600], 60],
    ["0", [0], 0],
    ["unknown where there is none", [undefined], Number.POSITIVE_INFINITY],
    ["unknown where it is no number", ["60", null], Number.POSITIVE_INFINITY],
  ])("gives them a time to live: %s", async (_, times, ttlSeconds) => {
    answers({ Status: 0, Answer: times.map((TTL) => ({ name, type: 16, TTL, data: "a" })) });
    expect(await resolveTxtOverHttps()(name)).toMatchObject({ ttlSeconds });
  });

  test("lets records live no longer than the alias that leads to them", async () => {
    answers({ Status: 0, Answer: [{ name, type: 5, TTL: 60, data: "two.copernica.com." }, ...txt("a")] });
    expect(await resolveTxtOverHttps()(name)).toMatchObject({ ttlSeconds: 60 });
  });

  test.each<[string, unknown]>([
    ["the name does not exist", { Status: 3 }],
    ["the name does not exist, though its alias does", { Status: 3, Answer: [{ name, type: 5, data: "two." }] }],
    ["there are no records", { Status: 0 }],
    ["there are records of another type only", { Status: 0, Answer: [{ name, type: 5, TTL: 60, data: "two." }] }],
    ["there are no readable records", { Status: 0, Answer: "text" }],
  ])("says that a name is not found where %s", async (_, body) => {
    answers(body);
    expect(await failure()).toMatchObject({ code: "ENOTFOUND" });
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ["its answer is SERVFAIL", () => Response.json({ Status: 2 })],
    ["its answer is REFUSED", () => Response.json({ Status: 5 })],
    ["its answer has no status", () => Response.json({ Answer: txt("a") })],
    ["its answer has a status that is no number", () => Response.json({ Status: "3" })],
    ["its answer is null", () => Response.json(null)],
    ["its answer is a list", () => Response.json([])],
    ["its answer is no JSON", () => new Response("<html>")],
    ["its answer is empty", () => new Response(null)],
    ["it fails", () => Response.json({ Status: 3 }, { status: 500 })],
    ["it has enough of us", () => Response.json({ Status: 0, Answer: txt("a") }, { status: 429 })],
    ["its answer is too long", () => new Response(JSON.stringify({ Status: 0, Answer: txt("a".repeat(65_536)) }))],
    [
      "it is not there",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
  ])("fails, and says of no name that it is not found, where %s", async (_, respond) => {
    answer = respond;
    expect((await failure()).code).not.toBe("ENOTFOUND");
    const { find } = createKeyLookup({ resolveTxt: resolveTxtOverHttps() });
    await expect(find(name)).rejects.toMatchObject({ code: "key_unavailable", status: 503 });
  });

  test("reads no more than it must of an answer that does not end", async () => {
    let chunks = 0;
    let canceled = false;
    answer = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            chunks += 1;
            controller.enqueue(new Uint8Array(16_384).fill(0x20));
          },
          cancel() {
            canceled = true;
          },
        }),
      );
    await failure();
    await Promise.resolve();
    expect(canceled).toBe(true);
    expect(chunks).toBeLessThan(10);
  });

  test("takes no more than linear time for a record, whatever is in it", async () => {
    const costOfReading = (data: string) => {
      answers({ Status: 0, Answer: txt(data) });
      return costOf(async () => {
        for (let round = 0; round < 20; round += 1) await resolveTxtOverHttps()(name);
      });
    };
    const benign = await costOfReading(`"${"a".repeat(30_000)}"`);
    for (const hostile of [
      '"'.repeat(15_000),
      `"${'\\"'.repeat(10_000)}`,
      '"" '.repeat(10_000),
      `"${"\\".repeat(15_001)}`,
    ]) {
      // A quadratic reader would take some thousand times as long as a linear one.
      expect((await costOfReading(hostile)) / benign, hostile.slice(0, 10)).toBeLessThan(200);
    }
  });

  test.each([
    ["quoted", `"${strings.join('" "')}"`],
    ["unquoted", strings.join("")],
  ])("brings a key that is longer than one string, %s", async (_, data) => {
    answers({ Status: 0, Answer: txt(data) });
    const { keys } = await createKeyLookup({ resolveTxt: resolveTxtOverHttps() }).find(name);
    expect(keys.map(({ bits }) => bits)).toEqual([4_096]);
  });
});

describe("by default", () => {
  const original = process.getBuiltinModule;
  afterEach(() => {
    process.getBuiltinModule = original;
  });

  test("the runtime's own DNS is asked, where there is one", async () => {
    const asked: string[] = [];
    const dns = {
      async resolveTxt(this: unknown, host: string) {
        expect(this).toBe(dns);
        asked.push(host);
        return [strings];
      },
    };
    vi.stubGlobal("navigator", undefined);
    Object.assign(process, {
      getBuiltinModule: (module: string) => (module === "node:dns/promises" ? dns : undefined),
    });
    const resolveTxt = defaultResolveTxt();
    const lookup = createKeyLookup();
    process.getBuiltinModule = original;
    expect(await resolveTxt(name)).toEqual([strings]);
    expect((await lookup.find(name)).keys).toHaveLength(1);
    expect(asked).toEqual([name, name]);
    expect(requests).toEqual([]);
  });

  test.each([
    ["where there is none", () => Object.assign(process, { getBuiltinModule: undefined })],
    [
      "where there is one that takes failures for names that do not exist, as in Workers",
      () => {
        vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
        const dns = { resolveTxt: async () => [] };
        Object.assign(process, { getBuiltinModule: (module: string) => (module.includes("dns") ? dns : undefined) });
      },
    ],
  ])("DNS over HTTPS is asked, %s", async (_, arrange) => {
    arrange();
    const resolveTxt = defaultResolveTxt();
    const lookup = createKeyLookup();
    process.getBuiltinModule = original;
    answers({ Status: 0, Answer: txt(`"${strings.join('" "')}"`) });
    expect(await resolveTxt(name)).toEqual({ records: [strings], ttlSeconds: 300 });
    expect((await lookup.find(name)).keys).toHaveLength(1);
    expect(requests).toHaveLength(2);
  });
});

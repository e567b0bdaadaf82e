import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeyLookup, InvalidOptionError, resolveTxtOverHttps } from "../../src/index.ts";
import php from "../vectors/copernica-php.json" with { type: "json" };
import { costOf } from "./cost.ts";

const name = "one._domainkey.copernica.com";
const vector = php.cases.find((candidate) => candidate.name === "4096-bit key");
const strings = vector?.txtRecord ?? [];

/** The requests that were made to the resolver. */
const requests: { url: string; headers: Headers; init: RequestInit }[] = [];

/** What the resolver answers. */
let answer: () => Response | Promise<Response>;

beforeEach(() => {
  requests.length = 0;
  vi.stubGlobal("fetch", async (input: string | URL, init: RequestInit = {}) => {
    requests.push({ url: String(input), headers: new Headers(init.headers), init });
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
    const asked = resolveTxtOverHttps(new URL("https://resolver.example/dns?key=secret&type=A"))("a b&c.copernica.com");
    await expect(asked).rejects.toMatchObject({ code: "ENOTFOUND" });
    expect(requests.map(({ url }) => url)).toEqual([
      `https://cloudflare-dns.com/dns-query?name=${name}&type=TXT`,
      `https://dns.google/resolve?name=${name}&type=TXT`,
      "https://resolver.example/dns?key=secret&type=TXT&name=a+b%26c.copernica.com",
    ]);
    for (const { headers, init } of requests) {
      expect(headers.get("accept")).toBe("application/dns-json");
      expect(init.signal).toBeInstanceOf(AbortSignal);
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
    const numbers = [{ name }, { name, type: 16 }, { name, type: 16, data: 5 }, { name, type: 1, data: "192.0.2.1" }];
    const others = [null, 5, "text", [], {}, { name: 5, type: 16, data: "no" }, ...numbers];
    answers({ Status: 0, Answer: [...txt('"v=spf1 -all"', "b"), ...others, ...txt('"c" "d"')] });
    expect(await resolveTxtOverHttps()(name)).toEqual({
      records: [["v=spf1 -all"], ["b"], ["c", "d"]],
      ttlSeconds: 300,
    });
  });

  test.each<[string, unknown[], number]>([
    ["the least of the records", [300, 60, 3_600], 60],
    ["0", [0], 0],
    ["unknown if there is none", [undefined], Number.POSITIVE_INFINITY],
    ["unknown if it is no number", ["60", null], Number.POSITIVE_INFINITY],
  ])("gives them a time to live: %s", async (_, times, ttlSeconds) => {
    answers({ Status: 0, Answer: times.map((TTL) => ({ name, type: 16, TTL, data: "a" })) });
    expect(await resolveTxtOverHttps()(name)).toMatchObject({ ttlSeconds });
  });

  test("lets records live no longer than the alias that leads to them", async () => {
    const alias = { name, type: 5, TTL: 60, data: "two.copernica.com." };
    answers({ Status: 0, Answer: [alias, { name: "two.copernica.com", type: 16, TTL: 300, data: "a" }] });
    expect(await resolveTxtOverHttps()(name)).toEqual({ records: [["a"]], ttlSeconds: 60 });
  });

  test("takes records from the end of a chain of aliases, in any order and spelling", async () => {
    answers({
      Status: 0,
      Question: [{ name: `${name.toUpperCase()}.`, type: 16 }],
      Answer: [
        { name: "C.example.net.", type: 16, TTL: 300, data: "a" },
        { name: "b.example.net", type: 5, TTL: 300, data: "c.EXAMPLE.net." },
        { name: `${name}.`, type: 5, TTL: 300, data: "B.example.net" },
      ],
    });
    expect(await resolveTxtOverHttps()(name)).toEqual({ records: [["a"]], ttlSeconds: 300 });
  });

  const evil = { name: "evil.example.net", type: 16, TTL: 300, data: "v=DKIM1; p=evil" };
  test.each<[string, object[]]>([
    ["of another name", [evil]],
    ["of another name, beside an alias to a third", [{ name, type: 5, TTL: 300, data: "third.example.net" }, evil]],
    ["of a name that ends as this one does", [{ ...evil, name: `x${name}` }]],
    ["without a name", [{ ...evil, name: undefined }]],
    ["behind aliases that lead around", [{ name, type: 5, data: "b" }, { name: "b", type: 5, data: name }, evil]],
    [
      "behind more aliases than are followed",
      Array.from({ length: 20 }, (_, index) =>
        index === 19
          ? { ...evil, name: `a19.${name}` }
          : { name: index === 0 ? name : `a${index}.${name}`, type: 5, data: `a${index + 1}.${name}` },
      ),
    ],
  ])("takes no record %s", async (_, Answer) => {
    answers({ Status: 0, Answer });
    expect(await failure()).toMatchObject({ code: "ENOTFOUND" });
    answers({ Status: 0, Answer: [...Answer, ...txt("good")] });
    expect(await resolveTxtOverHttps()(name)).toMatchObject({ records: [["good"]] });
  });

  test.each([0, 3])(
    "fails if the answer is about another name, whatever it says of that: status %i",
    async (Status) => {
      answers({ Status, Question: [{ name: "two._domainkey.copernica.com", type: 16 }], Answer: txt("a") });
      expect((await failure()).code).toBeUndefined();
    },
  );

  test("follows no redirect", async () => {
    answer = () =>
      new Response(JSON.stringify({ Status: 0, Answer: txt("a") }), {
        status: 302,
        headers: { location: "https://evil.example/" },
      });
    expect((await failure()).code).toBeUndefined();
    expect(requests.map(({ init }) => init.redirect)).toEqual(["manual"]);
  });

  test("stops waiting when it is told to", async () => {
    answer = () => new Promise(() => {});
    const controller = new AbortController();
    resolveTxtOverHttps()(name, { signal: controller.signal }).catch(() => {});
    await Promise.resolve();
    expect(requests[0]?.init.signal).toBe(controller.signal);
  });

  test.each(["http://localhost/dns-query", "http://127.0.0.1:8053/dns-query", "http://127.1/", "http://[::1]:8053/"])(
    "may be asked without TLS on this machine: %s",
    async (url) => {
      answers({ Status: 0, Answer: txt("a") });
      expect(await resolveTxtOverHttps(url)(name)).toMatchObject({ records: [["a"]] });
    },
  );

  test.each([
    "http://dns.google/resolve",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://10.0.0.1/",
    "http://[::2]/",
    "ftp://dns.google/",
    "dns.google/resolve",
    "localhost:8053/dns-query",
    "",
  ])("may not be asked at %j", (url) => {
    expect(() => resolveTxtOverHttps(url)).toThrow(InvalidOptionError);
    expect(() => resolveTxtOverHttps(url)).toThrow(/^resolveTxtOverHttps: url must be /);
  });

  test.each<[string, unknown]>([
    ["the name does not exist", { Status: 3 }],
    ["the name does not exist, though its alias does", { Status: 3, Answer: [{ name, type: 5, data: "two." }] }],
    ["there are no records", { Status: 0 }],
    ["there are records of another type only", { Status: 0, Answer: [{ name, type: 5, TTL: 60, data: "two." }] }],
    ["there are no readable records", { Status: 0, Answer: "text" }],
  ])("says that a name is not found if %s", async (_, body) => {
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
  ])("fails, and says of no name that it is not found, if %s", async (_, respond) => {
    answer = respond;
    expect((await failure()).code).not.toBe("ENOTFOUND");
    const { verify } = createKeyLookup({ resolveTxt: resolveTxtOverHttps() });
    const verified = verify(name, new Uint8Array(), new Uint8Array());
    await expect(verified).rejects.toMatchObject({ code: "key_unavailable", status: 503 });
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
    const { verify } = createKeyLookup({ resolveTxt: resolveTxtOverHttps() });
    expect(await verify(name, new Uint8Array(), new Uint8Array())).toBe(false);
  });
});

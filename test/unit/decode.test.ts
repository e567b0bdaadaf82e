import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestError } from "../../src/errors.ts";
import { decodeBody } from "../../src/form/body.ts";
import { MAX_DEPTH, MAX_KEY_LENGTH, MAX_MAPS, MAX_VARIABLES } from "../../src/form/bounds.ts";
import { decodeForm } from "../../src/form/decode.ts";
import { decodeJson } from "../../src/form/json.ts";
import type { FormTree } from "../../src/form/tree.ts";
import { encodeForm, type Variables } from "../../src/testing.ts";
import { costOf } from "./cost.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 120_000 };

const utf8 = new TextEncoder();

function nest(levels: number): string {
  return `a${"[b]".repeat(levels)}=x`;
}

function variables(count: number): string {
  return Array.from({ length: count }, (_, index) => `v${index}=${index}`).join("&");
}

function maps(count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}[b]=x`).join("&");
}

function depthOf(tree: FormTree): number {
  return Math.max(0, ...Object.values(tree).map((value) => (typeof value === "string" ? 0 : 1 + depthOf(value))));
}

describe("a body is decoded up to its bounds, and refused over them", () => {
  test("of depth", () => {
    expect(depthOf(decodeForm(nest(MAX_DEPTH)))).toBe(MAX_DEPTH);
    expect(() => decodeForm(nest(MAX_DEPTH + 1))).toThrow(RequestError);
    expect(() => decodeForm(`a${"[]".repeat(MAX_DEPTH + 1)}=x`)).toThrow(RequestError);
    expect(() => decodeForm(nest(MAX_DEPTH + 1).replaceAll("[", "%5B"))).toThrow(RequestError);
  });

  test("of maps and lists", () => {
    expect(Object.keys(decodeForm(maps(MAX_MAPS)))).toHaveLength(MAX_MAPS);
    expect(() => decodeForm(maps(MAX_MAPS + 1))).toThrow(RequestError);
    expect(() => decodeForm("a[][]=x&".repeat(MAX_MAPS))).toThrow(RequestError);
    expect(decodeForm("a[b]=x&".repeat(MAX_MAPS + 1))).toEqual({ a: { b: "x" } });
  });

  test("of variables", () => {
    expect(Object.keys(decodeForm(variables(MAX_VARIABLES)))).toHaveLength(MAX_VARIABLES);
    expect(() => decodeForm(variables(MAX_VARIABLES + 1))).toThrow(RequestError);
    expect(Object.keys(decodeForm("a[]=x&".repeat(MAX_VARIABLES)).a ?? {})).toHaveLength(MAX_VARIABLES);
    expect(() => decodeForm("a[]=x&".repeat(MAX_VARIABLES + 1))).toThrow(RequestError);
  });

  test("of variables, even if they overwrite one another or are dropped", () => {
    expect(decodeForm("a=x&".repeat(MAX_VARIABLES))).toEqual({ a: "x" });
    expect(() => decodeForm("a=x&".repeat(MAX_VARIABLES + 1))).toThrow(RequestError);
    expect(() => decodeForm("=x&".repeat(MAX_VARIABLES + 1))).toThrow(RequestError);
  });

  test("of variables, but separators without one between them do not count", () => {
    expect(decodeForm(`${"&".repeat(2 * MAX_VARIABLES)}a=x`)).toEqual({ a: "x" });
  });

  test("of maps, since a short key can make one that takes much memory", () => {
    const maps = (count: number) => Array.from({ length: count }, (_, index) => `v${index}[999]=x`).join("&");
    expect(Object.keys(decodeForm(maps(MAX_MAPS)))).toHaveLength(MAX_MAPS);
    expect(() => decodeForm(maps(MAX_MAPS + 1))).toThrow(RequestError);
    expect(() => decodeForm(`a${"[999]".repeat(MAX_DEPTH)}=x&`.repeat(MAX_MAPS))).not.toThrow();
    expect(() => decodeForm("a[][]=x&".repeat(MAX_MAPS))).toThrow(RequestError);
  });

  test("of key length, in characters once they are unescaped", () => {
    const longest = "k".repeat(MAX_KEY_LENGTH);
    expect(decodeForm(`${longest}=x`)).toEqual({ [longest]: "x" });
    expect(() => decodeForm(`${longest}k=x`)).toThrow(RequestError);
    expect(decodeForm(`${"%6B".repeat(MAX_KEY_LENGTH)}=x`)).toEqual({ [longest]: "x" });
    expect(() => decodeForm(`${longest}k`)).toThrow(RequestError);
  });

  test("of key length, all keys of a name together", () => {
    const key = "k".repeat(MAX_KEY_LENGTH - "a[]".length);
    expect(decodeForm(`a[${key}]=x`)).toEqual({ a: { [key]: "x" } });
    expect(() => decodeForm(`a[${key}k]=x`)).toThrow(RequestError);
  });

  test("and a value may be as long as the body", () => {
    const value = "v".repeat(1_024 * 1_024);
    expect(decodeForm(`a=${value}`)).toEqual({ a: value });
  });

  test("and the error names the bound, and nothing of the body", () => {
    for (const body of [
      nest(MAX_DEPTH + 1),
      maps(MAX_MAPS + 1),
      variables(MAX_VARIABLES + 1),
      "secret".repeat(MAX_KEY_LENGTH),
    ]) {
      expect(() => decodeForm(body)).toThrow(new RegExp(`${MAX_DEPTH}|${MAX_MAPS}|${MAX_VARIABLES}|${MAX_KEY_LENGTH}`));
      expect(() => decodeForm(body)).not.toThrow(/secret/);
    }
  });
});

describe("a form body", () => {
  test.each([
    ["a byte order mark is part of the first name, as in PHP", "\uFEFFa=x&b=y", { "\uFEFFa": "x", b: "y" }],
    ["a byte order mark in a value stays", "a=\uFEFFx", { a: "\uFEFFx" }],
    ["nothing", "", {}],
    ["separators alone", "&&&", {}],
    ["half a surrogate pair is replaced", "a=\uD83D", { a: "\uFFFD" }],
    ["a semicolon separates nothing", "a=x;b=y", { a: "x;b=y" }],
    ["a question mark is part of the name", "?a=x", { "?a": "x" }],
  ])("%s", (_, body, expected) => {
    expect(decodeForm(body)).toEqual(expected);
    expect(decodeForm(utf8.encode(body))).toEqual(expected);
  });

  test("is read where it lies, in a part of a larger buffer", () => {
    const buffer = utf8.encode("before&a=%C3%A9&after");
    expect(decodeForm(buffer.subarray(7, 15))).toEqual({ a: "é" });
  });

  test("is read whole even if many variables follow a long one, or a long one follows many", () => {
    const long = `long=${"x".repeat(20_000)}`;
    const many = Array.from({ length: 9_000 }, (_, index) => `k[${index}]=${index}`);
    for (const parts of [
      [long, ...many],
      [...many, long],
    ]) {
      const { long: value, k } = decodeForm(parts.join("&"));
      expect(value).toHaveLength(20_000);
      expect(Object.entries(k ?? {})).toEqual(many.map((_, index) => [String(index), String(index)]));
    }
    expect(decodeForm(utf8.encode(`${"a&".repeat(9_000)}b`))).toEqual({ a: "", b: "" });
  });

  test("has the keys that it has, whatever keys the body before it had", () => {
    const keys = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 1, maxLength: 3 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(keys, { minLength: 2 }), (bodies) => {
        for (const names of bodies) {
          const text = names.map((name) => `${name}=1&fields[${name}]=1`).join("&");
          const expected = Object.fromEntries(names.map((name) => [name, "1"]));
          expect(decodeForm(text)).toEqual({ ...expected, ...(names.length > 0 && { fields: expected }) });
        }
      }),
    );
  });

  test("is left as it was", () => {
    const body = utf8.encode("a%5B%5D=x+y&é=%zz");
    const copy = body.slice();
    decodeForm(body);
    expect(body).toEqual(copy);
  });

  test("of any bytes decodes or is refused, and its text gives the same as its bytes", PATIENCE, () => {
    const syntax = fc.constantFrom("&", "=", "[", "]", "%", "+", "%5B", "%00", "a", "0", "é", "[]=", "__proto__");
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: syntax, maxLength: 200 }), fc.string({ unit: "binary" })), (text) => {
        const fromText = decodeForm(text);
        expect(JSON.stringify(decodeForm(utf8.encode(text)))).toBe(JSON.stringify(fromText));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Object.getPrototypeOf(decodeForm(bytes))).toBeNull();
      }),
    );
  });
});

/**
 * Keys that a form can carry: PHP ends a name at NUL and a key at `]`, appends for none or one white space, and drops what
 * looks like a protected cookie.
 */
const key = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/^\s$|[\]\0]|^__(?:Host|Secure)-/.test(text));

const name = key.filter((text) => !/[ .[]/.test(text));

const value = fc.string({ unit: "grapheme" });

const { subtree } = fc.letrec<{ subtree: FormTree; branch: FormTree | string }>((tie) => ({
  branch: fc.oneof({ depthSize: "small" }, value, tie("subtree")),
  subtree: fc.dictionary(key, tie("branch"), { minKeys: 1, maxKeys: 6 }),
}));

const tree = fc.dictionary(name, fc.oneof(value, subtree), { maxKeys: 8 });

describe("any tree that a form can carry", PATIENCE, () => {
  test("comes back from its form encoding", () => {
    fc.assert(
      fc.property(tree, (sent) => {
        const body = encodeForm(sent as Variables); // a tree of texts
        expect(JSON.stringify(decodeForm(body))).toBe(JSON.stringify(sent));
        expect(JSON.stringify(decodeForm(utf8.encode(body)))).toBe(JSON.stringify(sent));
      }),
    );
  });

  test("comes back from its form encoding with raw brackets", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", "b", "é", "_", "-", "7"), minLength: 1 });
    fc.assert(
      fc.property(fc.dictionary(plain, fc.dictionary(plain, value, { minKeys: 1 })), (sent) => {
        const body = encodeForm(sent).replaceAll("%5B", "[").replaceAll("%5D", "]");
        for (const [outer, inner] of Object.entries(sent)) {
          expect(Object.keys(decodeForm(body)[outer] ?? {}).sort()).toEqual(Object.keys(inner).sort());
        }
      }),
    );
  });

  test("comes back from its JSON", () => {
    fc.assert(
      fc.property(tree, (sent) => {
        expect(JSON.stringify(decodeJson(JSON.stringify(sent)))).toBe(JSON.stringify(sent));
      }),
    );
  });
});

/** What decoding costs: of what is quickly done several times over, since a process's time is counted coarsely. */
async function costOfDecoding(body: Uint8Array, times = 1, decode: typeof decodeForm = decodeForm): Promise<number> {
  return await costOf(() => {
    for (let time = 0; time < times; time += 1) {
      try {
        decode(body);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
      }
    }
  });
}

/** Bytes of this size, made of repetitions of a text. */
function bytesOf(text: string, size: number): Uint8Array {
  return utf8.encode(text.repeat(Math.ceil(size / text.length)).slice(0, size));
}

describe("what a hostile body costs grows no faster than its size", PATIENCE, () => {
  const MEBIBYTE = 1_024 * 1_024;

  /** The dearest bytes cost some hundred times as much as the cheapest; were it quadratic, it would be many thousands. */
  const MOST_TIMES_PLAIN = 2_000;

  test.each(["&", "=", "[", "%", "a[", "%5B", "%FF", "%C3", "a=&", "a[]=&", "a.b[c.d=&"])(
    "1 MiB of %j",
    async (unit) => {
      const plain = await costOfDecoding(bytesOf(`field=${"x".repeat(99)}&`, MEBIBYTE));
      const asNames = bytesOf(unit, MEBIBYTE);
      const asValue = bytesOf(unit.replaceAll("&", "%26"), MEBIBYTE);
      asValue.set(utf8.encode("a="));
      expect((await costOfDecoding(asNames)) / plain).toBeLessThan(MOST_TIMES_PLAIN);
      expect((await costOfDecoding(asValue)) / plain).toBeLessThan(MOST_TIMES_PLAIN);
    },
  );

  test.each([
    ["appended", "", "a[]=&"],
    ["overwritten", "", "a=&"],
    ["appended and numbered in turn", "", "a[]=&a[9]=&"],
    ["replaced and appended in turn", "", "a=&a[]=&"],
    ["appended behind many others", Array.from({ length: 4_000 }, (_, index) => `a[${index}]=&`).join(""), "a[]=&"],
    ["appended to many", "", "a[][]=&"],
  ])("ten times as many variables, %s", async (_, before, unit) => {
    const few = await costOfDecoding(utf8.encode(before + unit.repeat(500)), 20);
    const many = await costOfDecoding(utf8.encode(before + unit.repeat(5_000)), 20);
    expect(many / few).toBeLessThan(50);
  });

  test.each(["[", "]", " ", ".", "[a", "%5B", "%00", "%FF", "é"])(
    "names as long as may be, of %j, rather than short ones",
    async (unit) => {
      const short = `a${unit.repeat(64 / unit.length)}=&`;
      const long = `a${unit.repeat((MAX_KEY_LENGTH - 1) / unit.length)}=&`;
      const [shortCost, longCost] = [short, long].map((text) => costOfDecoding(bytesOf(text, MEBIBYTE / 4), 2));
      expect(((await longCost) ?? 0) / ((await shortCost) ?? 0)).toBeLessThan(30);
    },
  );

  test.each([
    ["a list", `{"a":[${"1,".repeat(MEBIBYTE / 2)}1]}`],
    ["a list of lists", `{"a":[${"[],".repeat(MEBIBYTE / 3)}1]}`],
    ["maps in one another", `{"a":${'{"a":'.repeat(MEBIBYTE / 6)}1${"}".repeat(MEBIBYTE / 6)}}`],
    ["one name", `{${'"a":1,'.repeat(MEBIBYTE / 6)}"a":1}`],
    ["numbers that JavaScript can't hold", `{"a":[${"1e999,".repeat(MEBIBYTE / 6)}1]}`],
    ["one long number", `{"a":${"1".repeat(MEBIBYTE)}}`],
    ["one number with runs of zeros", `{"a":0.${`${"0".repeat(9_999)}1`.repeat(MEBIBYTE / 10_000)}}`],
    ["a number behind much space", `{"a":1e999${" ".repeat(MEBIBYTE)}}`],
  ])("1 MiB of JSON, of %s", async (_, text) => {
    const body = utf8.encode(text);
    const parsing = await costOfDecoding(body, 1, (bytes) => {
      JSON.parse(new TextDecoder().decode(typeof bytes === "string" ? utf8.encode(bytes) : bytes));
      return {};
    });
    const decoding = await costOfDecoding(body, 1, () => decodeBody(body, "application/json"));
    expect(decoding / parsing).toBeLessThan(50);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestError } from "../../src/errors.ts";
import { decodeBody } from "../../src/form/body.ts";
import { MAX_DEPTH, MAX_KEY_LENGTH, MAX_MAPS, MAX_VARIABLES } from "../../src/form/bounds.ts";
import { decodeJson } from "../../src/form/json.ts";
import type { FormTree } from "../../src/form/tree.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 120_000 };

const utf8 = new TextEncoder();

function nestedJson(levels: number): string {
  return `{"a":${'{"b":'.repeat(levels)}"x"${"}".repeat(levels)}}`;
}

function variablesJson(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, index])));
}

function mapsJson(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { b: "x" }])));
}

function depthOf(tree: FormTree): number {
  return Math.max(0, ...Object.values(tree).map((value) => (typeof value === "string" ? 0 : 1 + depthOf(value))));
}

describe("a JSON body has the same bounds", () => {
  test("of depth", () => {
    expect(depthOf(decodeJson(nestedJson(MAX_DEPTH)))).toBe(MAX_DEPTH);
    expect(() => decodeJson(nestedJson(MAX_DEPTH + 1))).toThrow(RequestError);
  });

  test("of maps and lists", () => {
    expect(Object.keys(decodeJson(mapsJson(MAX_MAPS)))).toHaveLength(MAX_MAPS);
    expect(() => decodeJson(mapsJson(MAX_MAPS + 1))).toThrow(RequestError);
    expect(decodeJson(JSON.stringify({ a: '{["'.repeat(MAX_MAPS) }))).toEqual({ a: '{["'.repeat(MAX_MAPS) });
  });

  test("of variables", () => {
    expect(Object.keys(decodeJson(variablesJson(MAX_VARIABLES)))).toHaveLength(MAX_VARIABLES);
    expect(() => decodeJson(variablesJson(MAX_VARIABLES + 1))).toThrow(RequestError);
    expect(() => decodeJson(`{"a":[${"1,".repeat(MAX_VARIABLES)}1]}`)).toThrow(RequestError);
  });

  test("of maps and lists, wherever they are", () => {
    const lists = (count: number) => `{"a":[${"[1],".repeat(count - 1)}1]}`;
    expect(Object.keys(decodeJson(lists(MAX_MAPS)).a ?? {})).toHaveLength(MAX_MAPS);
    expect(() => decodeJson(lists(MAX_MAPS + 1))).toThrow(/maps/);
    expect(() => decodeJson('{"a":'.repeat(MAX_MAPS + 2))).toThrow(/maps/);
    expect(decodeJson(`{"a":"${'[{\\"'.repeat(MAX_MAPS)}"}`)).toEqual({ a: '[{"'.repeat(MAX_MAPS) });
  });

  test("of key length", () => {
    const longest = "k".repeat(MAX_KEY_LENGTH);
    expect(decodeJson(JSON.stringify({ [longest]: "x" }))).toEqual({ [longest]: "x" });
    expect(() => decodeJson(JSON.stringify({ [`${longest}k`]: "x" }))).toThrow(RequestError);
    expect(() => decodeJson(JSON.stringify({ a: { [`${longest}k`]: "x" } }))).toThrow(RequestError);
  });

  test("and JSON that is deep enough to overflow a stack is refused as any other", () => {
    for (const levels of [1_000, 100_000]) {
      expect(() => decodeJson(nestedJson(levels))).toThrow(RequestError);
      expect(() => decodeJson(`{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`)).toThrow(RequestError);
      expect(() => decodeJson("[".repeat(levels))).toThrow(RequestError);
      expect(() => decodeJson('{"a":'.repeat(levels))).toThrow(RequestError);
    }
  });
});

describe("a JSON body decodes to the tree that its form encoding gives", () => {
  test.each([
    ["text", '{"a":"x"}', { a: "x" }],
    ["empty text", '{"a":""}', { a: "" }],
    ["a whole number", '{"a":4211}', { a: "4211" }],
    ["a whole number with a point", '{"a":4211.0}', { a: "4211" }],
    ["a whole number with an exponent", '{"a":4.211e3}', { a: "4211" }],
    ["zero", '{"a":0}', { a: "0" }],
    ["a negative number", '{"a":-7}', { a: "-7" }],
    ["a decimal number", '{"a":59.95}', { a: "59.95" }],
    ["the largest exact whole number", '{"a":9007199254740991}', { a: "9007199254740991" }],
    ["true", '{"a":true}', { a: "1" }],
    ["false", '{"a":false}', { a: "0" }],
    ["null", '{"a":null,"b":"x"}', { b: "x" }],
    ["an empty map", '{"a":{},"b":"x"}', { b: "x" }],
    ["an empty list", '{"a":[],"b":"x"}', { b: "x" }],
    ["a map of nothing but nothing", '{"a":{"b":[null,{}]},"c":"x"}', { c: "x" }],
    ["a list", '{"a":["x","y"]}', { a: { 0: "x", 1: "y" } }],
    ["a list with a gap", '{"a":[null,"y"]}', { a: { 1: "y" } }],
    ["a map", '{"a":{"b":{"c":1}}}', { a: { b: { c: "1" } } }],
    ["no variables", "{}", {}],
    ["white space around", ' \n{"a":"x"}\r\n', { a: "x" }],
    ["a name twice", '{"a":"x","a":"y"}', { a: "y" }],
    ["escapes", '{"\\u00e9":"\\ud83d\\ude00\\u0000"}', { é: "😀\0" }],
  ])("%s", (_, body, expected) => {
    expect(decodeJson(body)).toEqual(expected);
    expect(decodeBody(utf8.encode(body), "application/json")).toEqual(expected);
  });

  test.each([
    ["a list", "[1]"],
    ["text", '"type=create"'],
    ["a number", "1"],
    ["null", "null"],
    ["nothing", ""],
    ["a form", "type=create"],
    ["two documents", "{}{}"],
    ["a document that is cut off", '{"type":"create"'],
    ["a comment", '{"a":1/**/}'],
    ["NaN", '{"a":NaN}'],
  ])("but %s is not an event", (_, body) => {
    expect(() => decodeJson(body)).toThrow(RequestError);
    expect(() => decodeBody(utf8.encode(body), "application/json")).toThrow(RequestError);
  });

  test("a byte order mark before it means nothing", () => {
    expect(decodeBody(utf8.encode('\uFEFF{"a":"x"}'), "application/json")).toEqual({ a: "x" });
  });

  test("what is no UTF-8 is replaced", () => {
    const body = utf8.encode('{"a":"?"}');
    body[6] = 0xff;
    expect(decodeBody(body, "application/json")).toEqual({ a: "\uFFFD" });
  });

  test("keys that objects inherit are keys as any other", () => {
    const tree = decodeJson('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"x":1}},"toString":"x"}');
    expect(Object.keys(tree)).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(tree)).toBeNull();
    expect(Object.getPrototypeOf(tree.constructor)).toBeNull();
    expect({}).not.toHaveProperty("polluted");
  });
});

/** A decimal number as a whole number times a power of ten, in lowest terms: what it is worth, whatever its notation. */
function worthOf(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  let digits = BigInt(`${sign}${whole}${fraction}`);
  let power = BigInt(exponent) - BigInt(fraction.length);
  if (digits === 0n) return "0";
  while (digits % 10n === 0n) {
    digits /= 10n;
    power += 1n;
  }
  return `${digits} * 10 ** ${power}`;
}

describe("a number of JSON", () => {
  test.each([
    ["that JavaScript rounds", "9007199254740993", "9007199254740993"],
    ["that is larger than any of JavaScript's", "1e999", "1e999"],
    ["that is smaller than any of JavaScript's", "-1e-999", "-1e-999"],
    ["with more decimals than JavaScript keeps", "0.1000000000000000055", "0.1000000000000000055"],
    ["of many digits, to the last of them", "1".repeat(1_000), "1".repeat(1_000)],
    ["of many digits after the point", `0.${"3".repeat(400)}`, `0.${"3".repeat(400)}`],
    ["that is long, but what JavaScript writes", "-0.30000000000000004", "-0.30000000000000004"],
    ["that is zero, however it is written", "-0.00", "0"],
    ["of fifteen characters, as JavaScript writes it", "12345678901.340", "12345678901.34"],
    ["with an exponent, as JavaScript writes it", "1.5E+3", "1500"],
  ])("%s keeps its worth", (_, number, expected) => {
    expect(decodeJson(`{"a":${number}}`)).toEqual({ a: expected });
    expect(decodeJson(`{"a":[${number} ,"b" , ${number}\n]}`)).toEqual({ a: { 0: expected, 1: "b", 2: expected } });
  });

  test("keeps its worth, whatever that is, in its own text or as JavaScript writes it", PATIENCE, () => {
    const digits = fc.stringMatching(/^\d{1,25}$/);
    const whole = fc.oneof(fc.constant("0"), fc.stringMatching(/^[1-9]\d{0,24}$/));
    const fraction = fc.option(digits, { nil: undefined });
    const exponent = fc.option(fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.nat(400)), {
      nil: undefined,
    });
    const number = fc
      .tuple(fc.constantFrom("", "-"), whole, fraction, exponent)
      .map(([sign, whole, fraction, power]) => {
        return `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${power?.join("") ?? ""}`;
      });
    fc.assert(
      fc.property(number, (text) => {
        const { a } = decodeJson(`{"a":${text}}`);
        expect([text, String(Number(text))]).toContain(a);
        expect(worthOf(String(a))).toBe(worthOf(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("in text stays text, and in what is no JSON makes none of it", () => {
    expect(decodeJson('{"a":"1e999","1e999":"\\"1e999"}')).toEqual({ a: "1e999", "1e999": '"1e999' });
    for (const body of [
      "{1e999:1}",
      '{1e999 \n:"a"}',
      '{"a":01e999}',
      '{"a":1e999.0}',
      '{"a":--1e999}',
      '{"a":+1e999}',
      '{"a":.1e999}',
      '{"a":1e9991e999}',
      '{"a":1e999"b"}',
      '{"a":"b"1e999}',
      '{"a":1.e999}',
      '{"a":1e}',
      "1e999",
      '{"a":-}',
    ]) {
      expect(() => decodeJson(body), body).toThrow(RequestError);
    }
  });
});

import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  bigText,
  date,
  datetime,
  email,
  emptyDate,
  emptyDatetime,
  type Field,
  flag,
  float,
  foreignKey,
  integer,
  phone,
  type StandardSchema,
  select,
  text,
} from "../../src/fields.ts";
import { read, refusal } from "./field-reading.ts";

const fieldTypes: Readonly<Record<string, Field<unknown>>> = {
  text: text(),
  bigText: bigText(),
  email: email(),
  phone: phone(),
  integer: integer(),
  float: float(),
  foreignKey: foreignKey(),
  date: date(),
  emptyDate: emptyDate(),
  datetime: datetime(),
  emptyDatetime: emptyDatetime(),
  select: select("prospect", "customer"),
  flag: flag(),
};

/** Any characters there are, lone surrogates included. */
const anyText = fc.string({ unit: fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code)) });

const hostileTexts = [
  "9".repeat(1_000_000),
  `-${"0".repeat(1_000_000)}x`,
  `${"1".repeat(500_000)}.${"1".repeat(500_000)}e`,
  `${"a".repeat(500_000)}@${"a".repeat(499_999)}@`,
  "@".repeat(1_000_000),
  " ".repeat(1_000_000),
  "0000-00-00".repeat(100_000),
  "\0\r\n\u2028\ud800__proto__",
];

describe.each(Object.entries(fieldTypes))("%s()", (_name, field) => {
  test("is a Standard Schema of version 1", () => {
    expect(field["~standard"].version).toBe(1);
    expect(field["~standard"].vendor).toBe("copernica-webhooks");
  });

  test("says of a field that was not sent that it is missing, and what it must be", () => {
    expect(refusal(field, undefined)).toBe(`missing, must be ${field.expected}`);
  });

  test.each([
    [null, "null"],
    [{ a: "1" }, "a map"],
    [Object.create(null), "a map"],
    [["1"], "a list"],
    [1, "a number"],
    [true, "a boolean"],
    [Symbol("secret"), "a symbol"],
  ])("refuses what is not text: %o", (value, shape) => {
    expect(refusal(field, value)).toBe(`must be ${field.expected}, got ${shape}`);
  });

  test("answers any text at once, and names no more of one that does not fit than its length", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.constantFrom(...hostileTexts)), (wire) => {
        const result = field["~standard"].validate(wire);
        if (result.issues === undefined) return;
        const length = `${wire.length} ${wire.length === 1 ? "character" : "characters"}`;
        expect(result.issues).toEqual([{ message: `must be ${field.expected}, got text of ${length}` }]);
      }),
      { numRuns: 300 },
    );
  });
});

test("an empty field is null, whatever its type, and a flag is then off", () => {
  const { flag: flagField, ...others } = fieldTypes;
  for (const field of Object.values(others)) expect(read(field, "")).toBeNull();
  expect(flagField && read(flagField, "")).toBe(false);
});

describe("text and big text", () => {
  test.each([text(), bigText()])("are the text as it was sent, spaces and all", (field) => {
    fc.assert(
      fc.property(anyText, (wire) => {
        expect(read(field, `${wire}.`)).toBe(`${wire}.`);
      }),
    );
    expect(read(field, " \n")).toBe(" \n");
  });
});

describe("an email address", () => {
  test.each([
    "info@example.com",
    "jan.de-vries+nieuws@mail.example.nl",
    "a@b",
    "jürgen@bücher.example",
    "o'neil@example.com",
    `${"a".repeat(64)}@${"b".repeat(255)}`,
  ])("is kept as it was sent: %j", (wire) => {
    expect(read(email(), wire)).toBe(wire);
  });

  test.each([
    "info",
    "@",
    "@example.com",
    "info@",
    "a@b@c",
    "a b@example.com",
    " info@example.com",
    "info@example.com\r\nBcc: other@example.com",
    "a\0@example.com",
    "a@exam\u00a0ple.com",
    `${"a".repeat(65)}@${"b".repeat(255)}`,
  ])("is not read from %j", (wire) => {
    expect(refusal(email(), wire)).toContain("must be an email address, got text of");
  });
});

describe("a telephone number", () => {
  test.each(["+31 20 123 45 67", "020-1234567", "(020) 123 45 67", "0201234567 tst. 12", "1".repeat(255)])(
    "is kept as it was sent: %j",
    (wire) => {
      expect(read(phone(), wire)).toBe(wire);
    },
  );

  test.each(["020\n1234567", "\0", "1".repeat(256)])("is not read from %j", (wire) => {
    expect(refusal(phone(), wire)).toContain("must be a telephone number, got text of");
  });
});

describe("a choice", () => {
  test("is one of its texts", () => {
    const status = select("prospect", "customer");
    expect(read(status, "prospect")).toBe("prospect");
    expect(read(status, "customer")).toBe("customer");
  });

  test("leaves spaces around it out of account", () => {
    expect(read(select("prospect", "customer"), " customer\t")).toBe("customer");
    expect(read(select(" customer", "customer"), " customer")).toBe(" customer");
  });

  test.each(["Customer", "custom", "customers", "prospect,customer", "__proto__", "constructor", "toString"])(
    "is not read from %j",
    (wire) => {
      expect(refusal(select("prospect", "customer"), wire)).toContain(
        'must be one of "prospect", "customer", got text of',
      );
    },
  );

  test("can be named like a property that every object has", () => {
    const odd = select("__proto__", "constructor");
    expect(read(odd, "__proto__")).toBe("__proto__");
    expect(read(odd, "constructor")).toBe("constructor");
  });

  test("names the only one, and no more than ten of many", () => {
    expect(select("yes").expected).toBe('"yes"');
    expect(select("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l").expected).toBe(
      'one of "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" or 2 more',
    );
  });

  test("of nothing, of an empty text or of what is not text is an error at creation", () => {
    // @ts-expect-error: at least one choice
    expect(() => select()).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(() => select("a", "")).toThrow(expect.objectContaining({ code: "invalid_option" }));
    // @ts-expect-error: a choice is a text
    expect(() => select(1)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    // @ts-expect-error: the choices are arguments, not a list
    expect(() => select(["a", "b"])).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

describe("a flag", () => {
  test.each(["1", "true", "yes", "ja", "on", "TRUE", "Yes", "JA", "On"])("is on for %j", (wire) => {
    expect(read(flag(), wire)).toBe(true);
  });

  test.each(["0", "false", "no", "nee", "off", "FALSE", "No", "NEE", "Off"])("is off for %j", (wire) => {
    expect(read(flag(), wire)).toBe(false);
  });

  test.each(["2", "-1", "y", "n", "maybe", " 1", "01", "null", "__proto__"])("is neither for %j", (wire) => {
    expect(refusal(flag(), wire)).toContain("must be yes or no, as 1, true, yes, ja or on, or as 0,");
  });
});

test("each field type's output is inferred", () => {
  expectTypeOf(text()).toEqualTypeOf<Field<string | null>>();
  expectTypeOf(bigText()).toEqualTypeOf<Field<string | null>>();
  expectTypeOf(email()).toEqualTypeOf<Field<string | null>>();
  expectTypeOf(phone()).toEqualTypeOf<Field<string | null>>();
  expectTypeOf(integer()).toEqualTypeOf<Field<number | null>>();
  expectTypeOf(float()).toEqualTypeOf<Field<number | null>>();
  expectTypeOf(foreignKey()).toEqualTypeOf<Field<number | null>>();
  expectTypeOf(date()).toEqualTypeOf<Field<Date | null>>();
  expectTypeOf(emptyDate()).toEqualTypeOf<Field<Date | null>>();
  expectTypeOf(datetime()).toEqualTypeOf<Field<Date | null>>();
  expectTypeOf(emptyDatetime()).toEqualTypeOf<Field<Date | null>>();
  expectTypeOf(select("prospect", "customer")).toEqualTypeOf<Field<"prospect" | "customer" | null>>();
  expectTypeOf(flag()).toEqualTypeOf<Field<boolean>>();
  expectTypeOf(integer()).toExtend<StandardSchema<number | null>>();
  expectTypeOf(integer()).not.toExtend<StandardSchema<string | null>>();
});

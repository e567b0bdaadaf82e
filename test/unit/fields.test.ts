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

/** What the field type makes of a text; a text that does not fit fails the test. */
function read<Output>(field: Field<Output>, wire: unknown): Output {
  const result = field["~standard"].validate(wire);
  if (result.issues !== undefined) throw new Error(result.issues.map(({ message }) => message).join());
  return result.value;
}

/** Why the field type refuses a value; a value that fits fails the test. */
function refusal(field: Field<unknown>, wire: unknown): string {
  const result = field["~standard"].validate(wire);
  if (result.issues === undefined) throw new Error(`${JSON.stringify(wire)} was read as ${String(result.value)}`);
  expect(result.issues).toHaveLength(1);
  return result.issues[0]?.message ?? "";
}

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

describe("a whole number", () => {
  test.each([
    ["0", 0],
    ["-0", 0],
    ["7", 7],
    ["+7", 7],
    ["-12", -12],
    ["007", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["-9007199254740991", Number.MIN_SAFE_INTEGER],
  ])("is read from %j", (wire, number) => {
    expect(read(integer(), wire)).toBe(number);
  });

  test.each(["1.0", "1,5", "1e3", "0x1f", " 1", "1 ", "1\n", "--1", "-", "+", "abc", "NaN", "Infinity", "१२"])(
    "is not read from %j",
    (wire) => {
      expect(refusal(integer(), wire)).toContain("must be a whole number, got text of");
    },
  );

  test.each(["9007199254740992", "-9007199254740992", "9".repeat(400)])(
    "that can't be held exactly is refused",
    (wire) => {
      expect(refusal(integer(), wire)).toContain("must be a whole number");
    },
  );

  test("comes back as it went out", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(read(integer(), String(number))).toBe(number);
      }),
    );
  });
});

describe("a number with decimals", () => {
  test.each([
    ["0", 0],
    ["-0.0", 0],
    ["12.50", 12.5],
    ["+1.5", 1.5],
    ["-0.001", -0.001],
    [".5", 0.5],
    ["1.0E+25", 1e25],
    ["5e-7", 5e-7],
  ])("is read from %j", (wire, number) => {
    expect(read(float(), wire)).toBe(number);
  });

  test.each([
    "1,5",
    "1.000,5",
    "1.",
    ".",
    "e5",
    "1e",
    "1e1.5",
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x1f",
    "1_000",
    " 1.5",
    "1.5.5",
  ])("is not read from %j", (wire) => {
    expect(refusal(float(), wire)).toContain("must be a number with a decimal point, got text of");
  });

  test("comes back as it went out", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(read(float(), String(number))).toBe(number === 0 ? 0 : number);
      }),
    );
  });
});

describe("a foreign key", () => {
  test("is the id of a profile", () => {
    expect(read(foreignKey(), "4321")).toBe(4321);
  });

  test.each(["0", "000"])("is null if it refers to no profile: %j", (wire) => {
    expect(read(foreignKey(), wire)).toBeNull();
  });

  test.each(["-1", "+1", "1.5", "x", "9007199254740992"])("is not read from %j", (wire) => {
    expect(refusal(foreignKey(), wire)).toContain("must be the id of a profile, a positive whole number, got text of");
  });
});

describe("a date", () => {
  test.each([date(), emptyDate()])("is that day's midnight in UTC", (field) => {
    expect(read(field, "2024-02-29")).toEqual(new Date("2024-02-29T00:00:00Z"));
    expect(read(field, "1969-12-31")).toEqual(new Date("1969-12-31T00:00:00Z"));
    expect(read(field, "0099-12-31")).toEqual(new Date("0099-12-31T00:00:00Z"));
    expect(read(field, "9999-12-31")).toEqual(new Date("9999-12-31T00:00:00Z"));
  });

  test.each([
    "2026-02-29",
    "2026-02-30",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-10-00",
    "2026-10-99",
    "0000-01-01",
    "2026-1-1",
    "26-01-01",
    "31-12-2026",
    "2026/01/01",
    "2026-01-01 00:00:00",
    "2026-01-01T00:00:00Z",
    "2026-01-01\n",
    " 2026-01-01",
    "+002026-01-01",
    "today",
  ])("is not read from %j", (wire) => {
    expect(refusal(date(), wire)).toContain("must be a date as YYYY-MM-DD, got text of");
    expect(refusal(emptyDate(), wire)).toContain("must be a date as YYYY-MM-DD, or 0000-00-00, got text of");
  });

  test("of zeros is null if it may be left empty, and does not fit if it must be filled in", () => {
    expect(read(emptyDate(), "0000-00-00")).toBeNull();
    expect(refusal(date(), "0000-00-00")).toBe("must be a date as YYYY-MM-DD, got text of 10 characters");
  });

  test("comes back as it went out, every day of the calendar", () => {
    const days = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (day) => {
        const wire = day.toISOString().slice(0, 10);
        expect(read(date(), wire)?.toISOString()).toBe(`${wire}T00:00:00.000Z`);
      }),
    );
  });
});

describe("a date and time", () => {
  test.each([datetime(), emptyDatetime()])("is read as Amsterdam's, summer and winter", (field) => {
    expect(read(field, "2026-01-15 12:30:45")).toEqual(new Date("2026-01-15T11:30:45Z"));
    expect(read(field, "2026-07-15 12:30:45")).toEqual(new Date("2026-07-15T10:30:45Z"));
  });

  test.each([datetime({ timeZone: "America/New_York" }), emptyDatetime({ timeZone: "America/New_York" })])(
    "is read in the time zone that was asked for",
    (field) => {
      expect(read(field, "2026-01-15 12:30:45")).toEqual(new Date("2026-01-15T17:30:45Z"));
    },
  );

  test("has Amsterdam's time zone too if the options name none", () => {
    for (const options of [{}, undefined, { timeZone: undefined }]) {
      expect(read(datetime(options), "2026-01-15 12:30:45")).toEqual(new Date("2026-01-15T11:30:45Z"));
    }
  });

  test.each([
    "2026-02-30 10:00:00",
    "2026-01-01 24:00:00",
    "2026-01-01 10:60:00",
    "2026-01-01 10:00:60",
    "2026-01-01 10:00",
    "2026-01-01",
    "2026-01-01T10:00:00",
    "2026-01-01 10:00:00Z",
    "2026-01-01 10:00:00\n",
    "0000-01-01 10:00:00",
    "now",
  ])("is not read from %j", (wire) => {
    expect(refusal(datetime(), wire)).toContain("must be a date and time as YYYY-MM-DD HH:MM:SS, got text of");
    expect(refusal(emptyDatetime(), wire)).toContain(
      "must be a date and time as YYYY-MM-DD HH:MM:SS, or 0000-00-00 00:00:00",
    );
  });

  test("of zeros is null if it may be left empty, and does not fit if it must be filled in", () => {
    expect(read(emptyDatetime(), "0000-00-00 00:00:00")).toBeNull();
    expect(refusal(datetime(), "0000-00-00 00:00:00")).toContain("got text of 19 characters");
  });

  test("in a time zone that does not exist is an error at creation", () => {
    expect(() => datetime({ timeZone: "Europe/Amsterdm" })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(/^datetime: timeZone must be .* got "Europe\/Amsterdm"\.$/),
        cause: expect.any(RangeError),
      }),
    );
    expect(() => emptyDatetime({ timeZone: "" })).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });

  test("with a misspelled option is an error at creation", () => {
    // @ts-expect-error: the option is timeZone
    expect(() => datetime({ timezone: "UTC" })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: "datetime has no option timezone. Did you mean timeZone?",
      }),
    );
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

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float, foreignKey, integer } from "../../src/fields.ts";
import { read, refusal } from "./field-reading.ts";

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

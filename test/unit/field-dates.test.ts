import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { date, datetime, emptyDate, emptyDatetime } from "../../src/fields.ts";
import { read, refusal } from "./field-reading.ts";

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

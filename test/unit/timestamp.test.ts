import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTimestampReader } from "../../src/events/timestamp.ts";

function read(timestamp: string, timeZone = "Europe/Amsterdam"): string | undefined {
  return createTimestampReader(timeZone)(timestamp)?.toISOString();
}

describe("a timestamp is read in its time zone", () => {
  test.each([
    ["winter", "Europe/Amsterdam", "2026-11-24 10:15:30", "2026-11-24T09:15:30.000Z"],
    ["summer", "Europe/Amsterdam", "2026-07-01 10:15:30", "2026-07-01T08:15:30.000Z"],
    ["the last second before summer time", "Europe/Amsterdam", "2026-03-29 01:59:59", "2026-03-29T00:59:59.000Z"],
    ["the first second of summer time", "Europe/Amsterdam", "2026-03-29 03:00:00", "2026-03-29T01:00:00.000Z"],
    ["the last second that is not ambiguous", "Europe/Amsterdam", "2026-10-25 01:59:59", "2026-10-24T23:59:59.000Z"],
    ["the first second that is not ambiguous", "Europe/Amsterdam", "2026-10-25 03:00:00", "2026-10-25T02:00:00.000Z"],
    ["midnight", "Europe/Amsterdam", "2026-11-24 00:00:00", "2026-11-23T23:00:00.000Z"],
    ["new year", "Europe/Amsterdam", "2027-01-01 00:30:00", "2026-12-31T23:30:00.000Z"],
    ["a leap day", "Europe/Amsterdam", "2028-02-29 12:00:00", "2028-02-29T11:00:00.000Z"],
    ["UTC", "UTC", "2026-11-24 10:15:30", "2026-11-24T10:15:30.000Z"],
    ["west of Greenwich", "America/New_York", "2026-07-01 22:00:00", "2026-07-02T02:00:00.000Z"],
    ["the southern hemisphere", "Australia/Sydney", "2026-01-01 10:00:00", "2025-12-31T23:00:00.000Z"],
    ["half an hour", "Asia/Kolkata", "2026-11-24 10:15:30", "2026-11-24T04:45:30.000Z"],
    ["three quarters of an hour", "Asia/Kathmandu", "2026-11-24 10:15:30", "2026-11-24T04:30:30.000Z"],
    ["summer time of half an hour", "Australia/Lord_Howe", "2026-01-01 11:00:00", "2026-01-01T00:00:00.000Z"],
    ["an offset of seconds too", "Africa/Monrovia", "1960-01-01 00:00:00", "1960-01-01T00:44:30.000Z"],
    ["a day that a zone skipped", "Pacific/Apia", "2011-12-31 05:00:00", "2011-12-30T15:00:00.000Z"],
    ["the day before that", "Pacific/Apia", "2011-12-29 12:00:00", "2011-12-29T22:00:00.000Z"],
  ])("%s: %s %s", (_, timeZone, timestamp, expected) => {
    expect(read(timestamp, timeZone)).toBe(expected);
  });

  test("an hour that occurs twice is the first of the two", () => {
    expect(read("2026-10-25 02:00:00")).toBe("2026-10-25T00:00:00.000Z");
    expect(read("2026-10-25 02:59:59")).toBe("2026-10-25T00:59:59.000Z");
    expect(read("2026-11-01 01:30:00", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
    expect(read("2026-04-05 01:45:00", "Australia/Lord_Howe")).toBe("2026-04-04T14:45:00.000Z");
  });

  test("an hour that does not occur is as long after the change", () => {
    expect(read("2026-03-29 02:00:00")).toBe("2026-03-29T01:00:00.000Z");
    expect(read("2026-03-29 02:59:59")).toBe("2026-03-29T01:59:59.000Z");
    expect(read("2026-03-08 02:30:00", "America/New_York")).toBe("2026-03-08T07:30:00.000Z");
    expect(read("2026-10-04 02:10:00", "Australia/Lord_Howe")).toBe("2026-10-03T15:40:00.000Z");
    expect(read("2011-12-30 12:00:00", "Pacific/Apia")).toBe("2011-12-30T22:00:00.000Z");
  });

  test.each(["Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham"])(
    "any second since 1970, as clocks in %s show it",
    (timeZone) => {
      const format = new Intl.DateTimeFormat("sv-SE", {
        timeZone,
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
      });
      const readTimestamp = createTimestampReader(timeZone);
      fc.assert(
        fc.property(fc.integer({ min: 24 * 60 * 60, max: 2 ** 32 }), (seconds) => {
          const timestamp = format.format(seconds * 1_000);
          const moment = readTimestamp(timestamp)?.getTime() ?? Number.NaN;
          // Of two moments with one timestamp, it is the first.
          expect(moment).toBeLessThanOrEqual(seconds * 1_000);
          expect(format.format(moment)).toBe(timestamp);
        }),
      );
    },
  );

  test("more timestamps than are remembered at once are still read rightly", () => {
    const readTimestamp = createTimestampReader("Europe/Amsterdam");
    for (let day = 0; day < 2_000; day += 1) {
      const noon = new Date(Date.UTC(2026, 0, 1 + day, 12)).toISOString().slice(0, 10);
      expect([10, 11]).toContain(readTimestamp(`${noon} 12:00:00`)?.getUTCHours());
    }
    expect(readTimestamp("2026-07-01 12:00:00")?.getUTCHours()).toBe(10);
    expect(readTimestamp("2026-01-01 12:00:00")?.getUTCHours()).toBe(11);
  });

  test.each([
    ["a month 0", "2026-00-10 10:00:00"],
    ["a month 13", "2026-13-10 10:00:00"],
    ["a day 0", "2026-11-00 10:00:00"],
    ["a 31st of November", "2026-11-31 10:00:00"],
    ["a 29th of February of another year", "2026-02-29 10:00:00"],
    ["an hour 24", "2026-11-24 24:00:00"],
    ["a minute 60", "2026-11-24 10:60:00"],
    ["a second 60", "2026-11-24 10:00:60"],
    ["Copernica's empty datetime", "0000-00-00 00:00:00"],
    ["ISO's T", "2026-11-24T10:15:30"],
    ["a date alone", "2026-11-24"],
    ["a fraction", "2026-11-24 10:15:30.5"],
    ["a zone", "2026-11-24 10:15:30Z"],
    ["a space before", " 2026-11-24 10:15:30"],
    ["a line end behind", "2026-11-24 10:15:30\n"],
    ["digits of another script", "٢٠٢٦-11-24 10:15:30"],
    ["no text", ""],
  ])("is undefined for %s", (_, timestamp) => {
    expect(read(timestamp)).toBeUndefined();
  });

  test("is a date of the year that it says, since today's calendar began", () => {
    const readTimestamp = createTimestampReader("Europe/Amsterdam");
    for (const year of ["1583", "1900", "1940", "1977", "2100", "9999"]) {
      const moment = readTimestamp(`${year}-06-15 12:00:00`)?.getTime() ?? Number.NaN;
      const asUtc = new Date(0);
      asUtc.setUTCFullYear(Number(year), 5, 15);
      asUtc.setUTCHours(12);
      expect(Math.abs(moment - asUtc.getTime()), year).toBeLessThanOrEqual(2 * 60 * 60 * 1_000);
    }
  });

  test("a time zone that nobody knows is an error at once", () => {
    expect(() => createTimestampReader("Europe/Atlantis")).toThrow(RangeError);
    expect(() => createTimestampReader("")).toThrow(RangeError);
  });
});

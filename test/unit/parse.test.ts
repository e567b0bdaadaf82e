import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidEventError, InvalidOptionError, parseEvent, RequestError } from "../../src/index.ts";
import { encodeForm, samples, type Variables } from "../../src/testing.ts";
import { type AnyEvent, fromForm, fromJson } from "./parsing.ts";
import { FORM, profileCreated } from "./posts.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 60_000 };

describe("the content type", () => {
  test("decides how a body is read", () => {
    const json = JSON.stringify(profileCreated);
    expect(parseEvent(json, "Application/JSON; charset=utf-8").name).toBe("profile.create");
    expect(parseEvent(encodeForm(profileCreated), `${FORM};charset=UTF-8`).name).toBe("profile.create");
    expect(() => parseEvent(encodeForm(profileCreated), "application/json")).toThrow(RequestError);
    expect(() => parseEvent(json, FORM)).toThrow(InvalidEventError);
  });

  test.each([null, "", "text/plain", "multipart/form-data"])("%j is refused", (contentType) => {
    expect(() => parseEvent("type=create", contentType)).toThrow(RequestError);
  });
});

describe("the options of parseEvent", () => {
  const body = encodeForm(profileCreated);

  test.each(["Europe/Atlantis", "", 1, null])("refuse the time zone %j by one error, which names it", (timeZone) => {
    const parse = () => parseEvent(body, FORM, { timeZone: timeZone as string }); // as only JavaScript can give it
    expect(parse).toThrow(InvalidOptionError);
    expect(parse).toThrow(/^parseEvent: timeZone must be /);
    expect(parse).toThrow(JSON.stringify(timeZone));
  });

  test("suggest the name that was misspelled", () => {
    // @ts-expect-error: the option is timeZone
    expect(() => parseEvent(body, FORM, { timezone: "UTC" })).toThrow(/timezone\. Did you mean timeZone\?/);
  });

  test("may be undefined, each of them and all together", () => {
    const event = parseEvent(body, FORM);
    expect(parseEvent(body, FORM, undefined)).toEqual(event);
    expect(parseEvent(body, FORM, { timeZone: undefined })).toEqual(event);
  });
});

/** What becomes of a body: its event or its faults, in full. */
function outcomeOf(parse: () => AnyEvent): string {
  try {
    return JSON.stringify(parse());
  } catch (error) {
    if (error instanceof InvalidEventError) return JSON.stringify(error.faults);
    throw error;
  }
}

describe("the JSON form of an event", () => {
  const key = fc
    .oneof(
      fc.constantFrom("email", "__proto__", "constructor", "0", "1", "007", "last name"),
      fc.string({ unit: "grapheme" }),
    )
    .filter((text) => text !== "" && !/^\s$|[\]\0]/.test(text));

  const scalar = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("", "0", "1", "12", "2026-11-24 10:15:30", "2026-02-30 10:00:00", "x"),
    fc.integer({ min: -5, max: 2_000_000_000 }),
    fc.boolean(),
    fc.constant(null),
  );

  const { value } = fc.letrec<{ value: Variables[string] }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      scalar,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  }));

  const names = [
    "type",
    "profile",
    "subprofile",
    "time",
    "timestamp",
    "created",
    "fields",
    "parameters",
    "interests",
    "tags",
    "id",
  ];

  /** A sample of which some variables are replaced, and to which others are added. */
  const sampleLike = fc
    .tuple(
      fc.constantFrom(...Object.values(samples)),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.constantFrom("extra", "ip", "mailing")), value, {
        maxKeys: 4,
      }),
    )
    .map(([sample, replaced]): Variables => ({ ...sample, ...replaced }));

  test("gives the same event as its form encoding, or the same faults", PATIENCE, () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(sampleLike, (variables) => {
        const outcome = outcomeOf(() => fromForm(variables));
        expect(outcomeOf(() => fromJson(variables))).toBe(outcome);
        const kind = outcome.startsWith("[") ? "faults" : "event";
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(seen.get("faults") ?? 0, seen.get("event") ?? 0)).toBeGreaterThan(50);
  });
});

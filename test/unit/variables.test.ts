import { describe, expect, test } from "vitest";
import { parseEvent } from "../../src/index.ts";
import { encodeForm } from "../../src/testing.ts";
import { created, faultsOf, fromJson } from "./parsing.ts";
import { FORM, profileCreated, without } from "./posts.ts";

describe("a number", () => {
  test.each([
    ["1", 1],
    ["0042", 42],
    ["999999999999", 999_999_999_999],
  ])("%s is %i", (sent, profile) => {
    expect(created({ profile: sent }).profile).toBe(profile);
  });

  test.each(["0", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "٣", "1000000000000", "", "abc", "1,000", "NaN"])(
    "is not read from %j: the variable is at fault",
    (profile) => {
      expect(Object.keys(faultsOf({ ...profileCreated, profile }))).toEqual(["profile"]);
    },
  );

  test("is not read from a list", () => {
    expect(faultsOf({ ...profileCreated, profile: ["4211"] })).toEqual({ profile: "a map" });
  });
});

describe("interests are name → boolean, sent as", () => {
  test.each<[string, string, Record<string, boolean>]>([
    ["a list", "interests[]=newsletter&interests[]=offers", { newsletter: true, offers: true }],
    ["an indexed list", "interests[0]=newsletter&interests[1]=offers", { newsletter: true, offers: true }],
    ["a list in another order", "interests[1]=offers&interests[0]=newsletter", { newsletter: true, offers: true }],
    [
      "a list with gaps, such as ids",
      "interests[17]=newsletter&interests[4]=offers",
      { newsletter: true, offers: true },
    ],
    ["a list of one", "interests[]=newsletter", { newsletter: true }],
    ["a list that does not begin at 0", "interests[1]=newsletter", { newsletter: true }],
    ["name to 1 or 0", "interests[newsletter]=1&interests[offers]=0", { newsletter: true, offers: false }],
    ["name to nothing", "interests[newsletter]=1&interests[offers]=", { newsletter: true, offers: false }],
    [
      "name to a word",
      "interests[a]=true&interests[b]=false&interests[c]=yes&interests[d]=No",
      { a: true, b: false, c: true, d: false },
    ],
    ["name to itself", "interests[newsletter]=newsletter", { newsletter: true }],
    ["one as text", "interests=newsletter", { newsletter: true }],
    ["none as text", "interests=", {}],
    ["none", "", {}],
    [
      "groups of lists",
      "interests[mail][]=newsletter&interests[mail][]=offers&interests[print][]=magazine",
      { newsletter: true, offers: true, magazine: true },
    ],
    [
      "groups of name to 1 or 0",
      "interests[mail][newsletter]=1&interests[mail][offers]=0",
      { newsletter: true, offers: false },
    ],
    [
      "groups in groups",
      "interests[a][b][c][newsletter]=1&interests[a][b][]=offers",
      { newsletter: true, offers: true },
    ],
    ["a list of groups", "interests[0][newsletter]=1&interests[1][offers]=0", { newsletter: true, offers: false }],
    [
      "some in groups, some not",
      "interests[news]=1&interests[mail][offers]=1&interests[mail][x]=0",
      { news: true, offers: true, x: false },
    ],
    ["a list beside groups", "interests[]=news&interests[mail][]=offers", { news: true, offers: true }],
    [
      "one name in two groups, once is enough",
      "interests[a][news]=1&interests[b][news]=0&interests[c][old]=0",
      { news: true, old: false },
    ],
    ["a name that is a number", "interests[2027]=1&interests[2026]=0", { 2026: false, 2027: true }],
    [
      "names with spaces and accents",
      "interests[Één+twee]=1&interests[]=drie+vier",
      { "Één twee": true, "drie vier": true },
    ],
    [
      "names that objects inherit",
      "interests[]=constructor&interests[]=__proto__",
      JSON.parse('{"constructor":true,"__proto__":true}'),
    ],
    [
      "and the same as names",
      "interests[constructor]=0&interests[__proto__]=1",
      JSON.parse('{"constructor":false,"__proto__":true}'),
    ],
  ])("%s", (_, sent, expected) => {
    const body = `${encodeForm(without(profileCreated, "interests"))}&${sent}`;
    const event = parseEvent(body, FORM);
    if (event.name !== "profile.create") throw new Error(event.name);
    expect(Object.entries(event.interests).sort()).toEqual(Object.entries(expected).sort());
    expect(event.raw.interests).toEqual(parseEvent(`type=x&${sent}`, FORM).raw.interests);
  });

  test("a name that was not sent is no interest, whatever objects inherit", () => {
    const { interests } = created({ interests: ["newsletter"] });
    expect(interests.constructor).toBeUndefined();
    expect(interests.toString).toBeUndefined();
  });

  test("as JSON", () => {
    for (const interests of [
      ["newsletter"],
      { newsletter: true },
      { newsletter: 1 },
      { mail: ["newsletter"] },
      "newsletter",
    ]) {
      expect(fromJson({ ...profileCreated, interests })).toMatchObject({ interests: { newsletter: true } });
    }
  });
});

describe("fields and parameters are what was sent", () => {
  const fields = JSON.parse(
    '{"__proto__":"a","constructor":"b","hasOwnProperty":"c","length":"1","toString":"","0":"d","007":"e","last name":"f",' +
      '"e.mail":"g","naam é 😀":"h","a+b%25=&":"i","spaces ":" j ","lines":"k\\r\\nl\\u0000m"}',
  );

  test("names that objects inherit are names as any other, and change nothing else", () => {
    for (const event of [
      created({ fields, parameters: fields }),
      fromJson({ ...profileCreated, fields, parameters: fields }),
    ]) {
      if (event.name !== "profile.create") throw new Error(event.name);
      for (const map of [event.fields, event.parameters, event.raw.fields ?? {}, event.raw.parameters ?? {}]) {
        expect(Object.entries(map).sort()).toEqual(Object.entries(fields).sort());
        expect(Object.getPrototypeOf(map)).toBeNull();
      }
    }
    expect({}).not.toHaveProperty("a");
    expect(Object.prototype.toString).toBeTypeOf("function");
  });

  test("also at the top, at which they are no variables of the event", () => {
    const sent = `${encodeForm(profileCreated)}&__proto__[polluted]=1&constructor=2&name=3&raw=4&occurredAt=5&toString=6`;
    const event = parseEvent(sent, FORM);
    expect(event.name).toBe("profile.create");
    expect(event.raw).toMatchObject({ name: "3", raw: "4", occurredAt: "5", toString: "6" });
    expect(Object.keys(event)).not.toContain("__proto__");
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
  });

  test("in parameters, however deep", () => {
    expect(created({ parameters: { a: { b: ["c", { d: "e" }] } } }).parameters).toEqual({
      a: { b: { 0: "c", 1: { d: "e" } } },
    });
  });

  test("in fields as text alone: which one is a map is said", () => {
    expect(faultsOf({ ...profileCreated, fields: { email: "a", tags: ["b"], deep: { x: { y: "1" } } } })).toEqual({
      "fields.tags": "a map",
      "fields.deep": "a map",
    });
    expect(faultsOf({ ...profileCreated, fields: "email", parameters: "x" })).toEqual({
      fields: "text of 5 characters",
      parameters: "text of 1 character",
    });
  });
});

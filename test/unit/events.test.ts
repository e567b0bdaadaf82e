import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidEventError, parseEvent, RequestError, type UnknownEvent, type WebhookEvent } from "../../src/index.ts";
import { type EventName, encodeForm, samples, type Variables } from "../../src/testing.ts";
import { FORM, profileCreated, subprofileCreated, without } from "./posts.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 60_000 };

type AnyEvent = WebhookEvent | UnknownEvent;

function fromForm(variables: Variables, timeZone?: string): AnyEvent {
  return parseEvent(encodeForm(variables), FORM, timeZone === undefined ? {} : { timeZone });
}

function fromJson(variables: unknown): AnyEvent {
  return parseEvent(JSON.stringify(variables), "application/json");
}

/** The event of a created profile with some variables of its own. */
function created(variables: Variables): WebhookEvent<"profile.create"> {
  const event = fromForm({ ...without(profileCreated, "interests"), ...variables });
  if (event.name !== "profile.create") throw new Error(`It is ${event.name}.`);
  return event;
}

/** The variables that are at fault, with what came. */
function faultsOf(variables: Variables): Record<string, string> {
  try {
    fromForm(variables);
  } catch (error) {
    if (!(error instanceof InvalidEventError)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, received }) => [variable, received]));
  }
  return {};
}

describe("a created profile, as documented", () => {
  const expected = {
    name: "profile.create",
    type: "create",
    parameters: { source: "form" },
    timestamp: "2026-11-24 10:15:30",
    profile: 4211,
    database: 12,
    created: "2026-11-24 10:15:30",
    modified: "2026-11-24 10:15:31",
    fields: { email: "sanne@example.com", city: "Den Haag" },
    interests: { newsletter: true, offers: false },
    id: 4211,
    occurredAt: new Date("2026-11-24T09:15:30Z"),
    raw: profileCreated,
  };

  const sent =
    "type=create&parameters[source]=form&timestamp=2026-11-24+10%3A15%3A30&profile=4211&database=12" +
    "&created=2026-11-24 10:15:30&modified=2026-11-24%2010:15:31&fields[email]=sanne%40example.com&fields[city]=Den+Haag" +
    "&interests[newsletter]=1&interests[offers]=0&id=4211";

  test.each([
    ["with raw brackets", sent],
    ["with escaped brackets", sent.replaceAll("[", "%5B").replaceAll("]", "%5d")],
    ["as PHP encodes it", encodeForm(profileCreated)],
    ["with empty variables between", `&${sent.replaceAll("&", "&&")}&`],
    ["with a repeated variable, of which the last counts", `profile=1&id=x&${sent}`],
  ])("%s", (_, body) => {
    expect(parseEvent(body, FORM)).toEqual(expected);
    expect(parseEvent(new TextEncoder().encode(body), FORM)).toEqual(expected);
  });

  test("as JSON, its numbers as text or not", () => {
    expect(fromJson(profileCreated)).toEqual(expected);
    const numbers = {
      ...profileCreated,
      profile: 4211,
      database: 12,
      id: 4211,
      interests: { newsletter: 1, offers: 0 },
    };
    expect(fromJson(numbers)).toEqual(expected);
    expect(fromJson({ ...numbers, interests: { newsletter: true, offers: false } })).toEqual(expected);
  });

  test.each<[string, string[], Record<string, unknown>]>([
    ["parameters", ["parameters"], { parameters: {} }],
    ["fields", ["fields"], { fields: {} }],
    ["interests", ["interests"], { interests: {} }],
    ["any of the maps", ["parameters", "fields", "interests"], { parameters: {}, fields: {}, interests: {} }],
    ["an id", ["id"], {}],
  ])("without %s", (_, absent, replaced) => {
    const variables = without(profileCreated, ...absent);
    const rest = Object.fromEntries(Object.entries(expected).filter(([name]) => !absent.includes(name)));
    const event = fromForm(variables);
    expect(event).toEqual({ ...rest, ...replaced, raw: variables });
    expect("id" in event).toBe(!absent.includes("id"));
    expect(fromJson(variables)).toEqual(event);
  });

  test("with maps that are empty text, null or empty in JSON", () => {
    for (const nothing of ["", null, {}, []]) {
      const event = fromJson({ ...profileCreated, parameters: nothing, fields: nothing, interests: nothing });
      expect(event).toMatchObject({ parameters: {}, fields: {}, interests: {} });
    }
    expect(created({ fields: "", parameters: "", interests: "" })).toMatchObject({ fields: {}, interests: {} });
  });

  test("with variables that nobody documented: they are in raw alone", () => {
    const event = fromForm({ ...profileCreated, sender: "x", nested: { a: ["b"] }, subprofiles: "1" });
    expect(event).toEqual({
      ...expected,
      raw: { ...profileCreated, sender: "x", nested: { a: { 0: "b" } }, subprofiles: "1" },
    });
  });

  test("whatever its variables' order", () => {
    const reversed = Object.fromEntries(Object.entries(profileCreated).reverse());
    expect(fromForm(reversed)).toEqual(expected);
  });

  test("has no variables that were not sent", () => {
    const event = fromForm(without(profileCreated, "id"));
    expect(Object.keys(event).sort()).toEqual([...Object.keys(expected).filter((name) => name !== "id")].sort());
  });
});

describe("a created subprofile, as documented", () => {
  const expected = {
    name: "subprofile.create",
    type: "create",
    parameters: { source: "import" },
    timestamp: "2026-11-24 10:16:02",
    profile: 4211,
    subprofile: 90017,
    database: 12,
    collection: 3,
    created: "2026-11-24 10:16:02",
    modified: "2026-11-24 10:16:02",
    fields: { orderId: "2026-00417" },
    id: 55,
    occurredAt: new Date("2026-11-24T09:16:02Z"),
    raw: subprofileCreated,
  };

  test("is told from a profile by its variable subprofile", () => {
    expect(fromForm(subprofileCreated)).toEqual(expected);
    expect(fromJson(subprofileCreated)).toEqual(expected);
    expect(fromForm({ ...profileCreated, collection: "3" }).name).toBe("profile.create");
  });

  test("has no interests, even where some are sent", () => {
    const event = fromForm({ ...subprofileCreated, interests: ["newsletter"] });
    expect(event).not.toHaveProperty("interests");
    expect(event.raw.interests).toEqual({ 0: "newsletter" });
  });

  test.each<[string, Variables, Record<string, unknown>]>([
    ["without maps", without(subprofileCreated, "parameters", "fields"), { parameters: {}, fields: {} }],
    ["with time", { ...subprofileCreated, time: "1795511762" }, { time: 1_795_511_762 }],
    ["with another id", { ...subprofileCreated, id: "90017" }, { id: 90_017 }],
  ])("%s", (_, variables, part) => {
    const event = fromForm(variables);
    expect(event).toMatchObject({ name: "subprofile.create", subprofile: 90_017, ...part });
    expect(event.raw).toEqual(variables);
  });

  test.each(["x", "0", "", "-55", "55.0"])(
    "with the id %j, of which nobody knows what it means: it is in raw alone",
    (id) => {
      const event = fromForm({ ...subprofileCreated, id });
      expect(event.name).toBe("subprofile.create");
      expect(event).not.toHaveProperty("id");
      expect(event.raw.id).toBe(id);
    },
  );
});

describe("numbers", () => {
  test.each([
    ["1", 1],
    ["0042", 42],
    ["999999999999", 999_999_999_999],
  ])("profile %s is %i", (sent, profile) => {
    expect(created({ profile: sent }).profile).toBe(profile);
  });

  test.each(["0", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "٣", "1000000000000", "", "abc", "1,000", "NaN"])(
    "profile %j is at fault",
    (profile) => {
      expect(Object.keys(faultsOf({ ...profileCreated, profile }))).toEqual(["profile"]);
    },
  );

  test("a variable that is a list is none", () => {
    expect(faultsOf({ ...profileCreated, profile: ["4211"] })).toEqual({ profile: "a map" });
  });
});

describe("occurredAt", () => {
  test("is time, where that was sent: it is the truth", () => {
    expect(created({ time: "1795511730" })).toMatchObject({
      time: 1_795_511_730,
      occurredAt: new Date(1_795_511_730_000),
      timestamp: "2026-11-24 10:15:30",
    });
    expect(created({ time: "0" }).occurredAt).toEqual(new Date(0));
    expect(fromJson({ ...profileCreated, time: 1_795_511_730 })).toMatchObject({ time: 1_795_511_730 });
  });

  test.each([
    ["in winter", "2026-11-24 10:15:30", undefined, "2026-11-24T09:15:30Z"],
    ["in summer", "2026-07-24 10:15:30", undefined, "2026-07-24T08:15:30Z"],
    ["in the hour that occurs twice", "2026-10-25 02:30:00", undefined, "2026-10-25T00:30:00Z"],
    ["in the hour that does not occur", "2026-03-29 02:30:00", undefined, "2026-03-29T01:30:00Z"],
    ["in UTC", "2026-07-24 10:15:30", "UTC", "2026-07-24T10:15:30Z"],
    ["in New York", "2026-07-24 10:15:30", "America/New_York", "2026-07-24T14:15:30Z"],
    ["in Kathmandu", "2026-07-24 10:15:30", "Asia/Kathmandu", "2026-07-24T04:30:30Z"],
  ])("is else the timestamp %s", (_, timestamp, timeZone, expected) => {
    const event = fromForm({ ...profileCreated, timestamp }, timeZone);
    expect(event).toMatchObject({ timestamp, occurredAt: new Date(expected) });
    expect(event).not.toHaveProperty("time");
  });

  test("needs a timestamp that exists only where there is no time", () => {
    const timestamp = "2026-02-30 10:00:00";
    expect(faultsOf({ ...profileCreated, timestamp })).toEqual({ timestamp: "text of 19 characters" });
    expect(created({ timestamp, time: "1795511730" })).toMatchObject({
      timestamp,
      occurredAt: new Date(1795511730000),
    });
  });

  test.each(["now", "", "-1", "1795511730.5", "1795511730000"])("is not guessed from the time %j", (time) => {
    expect(Object.keys(faultsOf({ ...profileCreated, time }))).toEqual(["time"]);
  });

  test("of a time zone that the runtime does not know is an error", () => {
    expect(() => fromForm(profileCreated, "Europe/Atlantis")).toThrow(
      expect.objectContaining({ code: "invalid_option", cause: expect.any(RangeError) }),
    );
  });

  test("leaves created and modified as they were sent, whatever day they name", () => {
    const empty = "0000-00-00 00:00:00";
    expect(created({ created: empty, modified: empty })).toMatchObject({ created: empty, modified: empty });
  });
});

describe("interests are name → boolean, whichever way they came", () => {
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

  test("also at the top, where they are no variables of the event", () => {
    const sent = `${encodeForm(profileCreated)}&__proto__[polluted]=1&constructor=2&name=3&raw=4&occurredAt=5&toString=6`;
    const event = parseEvent(sent, FORM);
    expect(event.name).toBe("profile.create");
    expect(event.raw).toMatchObject({ name: "3", raw: "4", occurredAt: "5", toString: "6" });
    expect(Object.keys(event)).not.toContain("__proto__");
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
  });

  test("of parameters, however deep", () => {
    expect(created({ parameters: { a: { b: ["c", { d: "e" }] } } }).parameters).toEqual({
      a: { b: { 0: "c", 1: { d: "e" } } },
    });
  });

  test("of fields, text alone: which one is a map is said", () => {
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

describe("an event that lacks what its type asks for", () => {
  test.each<[string, Variables, string[]]>([
    ["create", { type: "create" }, ["timestamp", "profile", "database", "created", "modified"]],
    [
      "create of a subprofile",
      { type: "create", subprofile: "" },
      ["timestamp", "profile", "subprofile", "database", "collection", "created", "modified"],
    ],
    ["update", { type: "update" }, ["timestamp", "profile", "database", "created", "modified"]],
    ["delete", { type: "delete" }, ["timestamp", "profile", "database"]],
    ["delete of a subprofile", { type: "delete", subprofile: "7" }, ["timestamp", "profile", "collection"]],
    ["click", { type: "click" }, ["timestamp", "id", "recipient", "ip", "original"]],
    ["open", { type: "open", ip: "192.0.2.1" }, ["timestamp", "id", "recipient"]],
    ["open without ip", { type: "open" }, ["timestamp", "id", "recipient"]],
    ["delivery", { type: "delivery" }, ["timestamp", "id", "recipient"]],
    ["bounce", { type: "bounce" }, ["timestamp", "id", "recipient", "envelope", "mime"]],
    ["failure", { type: "failure" }, ["timestamp", "id", "recipient", "action", "state"]],
    ["unsubscribe", { type: "unsubscribe" }, ["timestamp", "id", "database", "profile", "mailing"]],
    ["abuse", { type: "abuse" }, ["id"]],
  ])("%s: every variable is named", (_, variables, missing) => {
    expect(Object.keys(faultsOf(variables)).sort()).toEqual(missing.sort());
    expect(() => fromForm(variables)).toThrow(missing[0]);
  });

  test("says what was expected and what came, never the value", () => {
    const secret = "c0ffee-swordfish";
    const names = Object.keys(profileCreated).filter((name) => name !== "type" && name !== "id");
    for (const name of names) {
      for (const value of [secret, { [`${name}Key`]: { x: secret } }, [[secret]]]) {
        try {
          fromForm({ ...profileCreated, [name]: value });
        } catch (error) {
          if (!(error instanceof InvalidEventError)) throw error;
          expect(error.faults.length).toBeGreaterThan(0);
          for (const fault of error.faults) {
            expect(Object.keys(fault).sort()).toEqual(["expected", "received", "variable"]);
            expect(fault.variable).toMatch(new RegExp(`^${name}(\\.|$)`));
          }
          expect(JSON.stringify([error.message, error.faults])).not.toContain(secret);
        }
      }
    }
  });

  test("has its faults all at once, missing and malformed ones", () => {
    expect(
      faultsOf({ type: "create", timestamp: "yesterday", profile: "x", fields: { a: ["b"] }, time: "soon" }),
    ).toEqual({
      timestamp: "text of 9 characters",
      profile: "text of 1 character",
      database: "nothing",
      created: "nothing",
      modified: "nothing",
      "fields.a": "a map",
      time: "text of 4 characters",
    });
  });

  test.each([
    ["no type", {}, "nothing"],
    ["a type that is a list", { type: ["create"] }, "a map"],
  ])("of %s", (_, variables, received) => {
    expect(faultsOf(variables as Variables)).toEqual({ type: received }); // the union of both rows
  });
});

describe("the other events", () => {
  const types: Readonly<Record<EventName, string>> = {
    "profile.create": "create",
    "profile.update": "update",
    "profile.delete": "delete",
    "subprofile.create": "create",
    "subprofile.update": "update",
    "subprofile.delete": "delete",
    click: "click",
    open: "open",
    delivery: "delivery",
    bounce: "bounce",
    failure: "failure",
    unsubscribe: "unsubscribe",
    abuse: "abuse",
  };

  test.each(Object.keys(samples) as EventName[])("the sample of %s is one, as a form and as JSON", (name) => {
    const event = fromForm(samples[name]);
    expect(event).toMatchObject({ name, type: types[name], occurredAt: expect.any(Date) });
    expect(fromJson(samples[name])).toEqual(event);
    for (const [variable, sent] of Object.entries(samples[name])) {
      if (typeof sent !== "object") expect(String(Reflect.get(event, variable)), variable).toBe(String(sent));
      expect(event.raw, variable).toHaveProperty(variable);
    }
  });

  const message = { timestamp: "2026-11-24 11:02:45", id: "5f0e2a77c1d84b3e", recipient: "sanne@example.com" };

  test("a delivery may call itself open, without an ip", () => {
    expect(fromForm({ type: "open", ...message })).toMatchObject({ name: "delivery", type: "open", ...message });
    expect(fromForm({ type: "open", ...message, ip: "" })).toMatchObject({ name: "open", ip: "" });
    expect(fromForm({ type: "delivery", ...message, ip: "192.0.2.1" })).toMatchObject({ name: "delivery" });
  });

  test("deletions may come without fields and without a database, as in the documented examples", () => {
    const profile = fromForm({ type: "delete", profile: "1", database: "2", timestamp: message.timestamp });
    expect(profile).toEqual({
      name: "profile.delete",
      type: "delete",
      profile: 1,
      database: 2,
      timestamp: message.timestamp,
      occurredAt: new Date("2026-11-24T10:02:45Z"),
      raw: { type: "delete", profile: "1", database: "2", timestamp: message.timestamp },
    });
    const variables = { type: "delete", profile: "1", subprofile: "9", collection: "3", timestamp: message.timestamp };
    const subprofile = fromForm(variables);
    expect(subprofile).toMatchObject({ name: "subprofile.delete", subprofile: 9, collection: 3 });
    expect("database" in subprofile || "fields" in subprofile).toBe(false);
    expect(fromForm({ ...variables, database: "2", fields: { a: "b" } })).toMatchObject({
      database: 2,
      fields: { a: "b" },
    });
    expect(faultsOf({ ...variables, database: "x", fields: "y" })).toEqual({
      database: "text of 1 character",
      fields: "text of 1 character",
    });
  });

  test.each(["click", "open", "delivery", "bounce", "failure", "abuse"] as const)(
    "%s may carry a profile and a mailing; unreadable ones are passed over",
    (name) => {
      const variables = without(samples[name], "profile", "mailing");
      expect(fromForm({ ...variables, profile: "7", mailing: "8" })).toMatchObject({ name, profile: 7, mailing: 8 });
      for (const doubtful of ["", "0", "x", "profile-7", ["7"], { id: "7" }]) {
        const event = fromForm({ ...variables, profile: doubtful, mailing: doubtful });
        expect(event.name).toBe(name);
        expect("profile" in event || "mailing" in event).toBe(false);
      }
    },
  );

  test.each<[string, Variables, readonly string[]]>([
    ["a list", { tags: ["b", "a"] }, ["b", "a"]],
    ["one as text", { tags: "a" }, ["a"]],
    ["an empty text", { tags: "" }, []],
    ["nothing", {}, []],
    ["a map", { tags: { x: "b", y: "a" } }, ["b", "a"]],
    ["the same twice", { tags: ["a", "a"] }, ["a", "a"]],
  ])("tags: %s", (_, tags, expected) => {
    expect(fromForm({ type: "delivery", ...message, ...tags })).toMatchObject({ tags: expected });
  });

  test("tags in tags are at fault", () => {
    expect(faultsOf({ type: "delivery", ...message, tags: ["a", ["b"]] })).toEqual({ tags: "a map" });
  });

  test.each(["failure", "failed"])("a failure's action may be %s", (action) => {
    expect(fromForm({ type: "failure", ...message, action, state: "x" })).toMatchObject({ name: "failure", action });
  });

  test("what is optional is absent where it was not sent", () => {
    const failure = fromForm({ type: "failure", ...message, action: "failed", state: "bounce" });
    const click = fromForm({ type: "click", ...message, ip: "192.0.2.1", original: "https://example.com/" });
    for (const absent of ["code", "extended", "description", "profile", "mailing", "time"])
      expect(failure).not.toHaveProperty(absent);
    for (const absent of ["useragent", "referer", "profile", "mailing", "time"])
      expect(click).not.toHaveProperty(absent);
  });

  test("abuse, of which little is documented, needs no more than an id", () => {
    const event = fromForm({ type: "abuse", id: "x" });
    expect(event).toEqual({ name: "abuse", type: "abuse", id: "x", tags: [], raw: { type: "abuse", id: "x" } });
    expect(fromForm({ type: "abuse", id: "x", time: "1" })).toMatchObject({ occurredAt: new Date(1_000) });
  });

  test("ids of messages are text, also where JSON has a number", () => {
    expect(fromJson({ type: "delivery", ...message, id: 12345 })).toMatchObject({ id: "12345" });
    expect(fromForm({ type: "delivery", ...message, id: "007" })).toMatchObject({ id: "007" });
  });
});

describe("an event of a type that this version does not know", () => {
  test.each(["transmogrify", "Create", " create", "create ", "", "profile.create", "constructor", "__proto__"])(
    "%j",
    (type) => {
      const sent = { type, x: { y: ["z"] } };
      expect(fromForm(sent)).toEqual({ name: "unknown", type, raw: { type, x: { y: { 0: "z" } } } });
    },
  );
});

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

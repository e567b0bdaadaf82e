import { describe, expect, test } from "vitest";
import { InvalidEventError, parseEvent } from "../../src/index.ts";
import { type EventName, encodeForm, samples, type Variables } from "../../src/testing.ts";
import { created, faultsOf, fromForm, fromJson } from "./parsing.ts";
import { FORM, profileCreated, subprofileCreated, without } from "./posts.ts";

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
  ])("is read %s", (_, body) => {
    expect(parseEvent(body, FORM)).toEqual(expected);
    expect(parseEvent(new TextEncoder().encode(body), FORM)).toEqual(expected);
  });

  test("is read as JSON, its numbers as text or not", () => {
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
  ])("is read without %s", (_, absent, replaced) => {
    const variables = without(profileCreated, ...absent);
    const rest = Object.fromEntries(Object.entries(expected).filter(([name]) => !absent.includes(name)));
    const event = fromForm(variables);
    expect(event).toEqual({ ...rest, ...replaced, raw: variables });
    expect("id" in event).toBe(!absent.includes("id"));
    expect(fromJson(variables)).toEqual(event);
  });

  test("is read with maps that are empty text, null or empty in JSON", () => {
    for (const nothing of ["", null, {}, []]) {
      const event = fromJson({ ...profileCreated, parameters: nothing, fields: nothing, interests: nothing });
      expect(event).toMatchObject({ parameters: {}, fields: {}, interests: {} });
    }
    expect(created({ fields: "", parameters: "", interests: "" })).toMatchObject({ fields: {}, interests: {} });
  });

  test("is read with variables that nobody documented: they are in raw alone", () => {
    const event = fromForm({ ...profileCreated, sender: "x", nested: { a: ["b"] }, subprofiles: "1" });
    expect(event).toEqual({
      ...expected,
      raw: { ...profileCreated, sender: "x", nested: { a: { 0: "b" } }, subprofiles: "1" },
    });
  });

  test("is read whatever the order of its variables", () => {
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

  test("has no interests, even if some are sent", () => {
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

describe("occurredAt", () => {
  test("is time, if that was sent: it is the truth", () => {
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

  test("needs a timestamp that exists only if there is no time", () => {
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

  test("leaves created and modified as they were sent, whatever day they name", () => {
    const empty = "0000-00-00 00:00:00";
    expect(created({ created: empty, modified: empty })).toMatchObject({ created: empty, modified: empty });
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
  ])("such as %s, is refused with the name of every variable", (_, variables, missing) => {
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
  ])("with %s is refused", (_, variables, received) => {
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

  test("what is optional is absent if it was not sent", () => {
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

  test("ids of messages are text, also if JSON has a number", () => {
    expect(fromJson({ type: "delivery", ...message, id: 12345 })).toMatchObject({ id: "12345" });
    expect(fromForm({ type: "delivery", ...message, id: "007" })).toMatchObject({ id: "007" });
  });
});

describe("an event of a type that this version does not know", () => {
  test.each(["transmogrify", "Create", " create", "create ", "", "profile.create", "constructor", "__proto__"])(
    "is given as an unknown event: %j",
    (type) => {
      const sent = { type, x: { y: ["z"] } };
      expect(fromForm(sent)).toEqual({ name: "unknown", type, raw: { type, x: { y: { 0: "z" } } } });
    },
  );
});

import { type } from "arktype";
import * as superstruct from "superstruct";
import * as valibot from "valibot";
import { describe, expect, test } from "vitest";
import * as zod from "zod";
import { integer } from "../../src/fields.ts";
import { CallbackError, database, type FieldSchema, type SchemaResult } from "../../src/index.ts";
import { faultsFound, fieldsSeen, profile, receive, SECRET, schema } from "./receiving.ts";

describe("schemas of other libraries", () => {
  const toNumber = (sent: unknown): unknown => (typeof sent === "string" && sent !== "" ? Number(sent) : sent);
  const structs = {
    age: superstruct.coerce(superstruct.integer(), superstruct.string(), toNumber),
    email: superstruct.pattern(superstruct.string(), /@/),
  };
  const valibots = {
    age: valibot.pipe(valibot.string(), valibot.digits(), valibot.transform(Number)),
    email: valibot.pipe(
      valibot.string(),
      valibot.email((issue) => `${issue.input} is no address`),
    ),
  };
  const zods = {
    age: zod.coerce.number({ error: (issue) => `${issue.input} is no number` }).int(),
    email: zod.email({ error: (issue) => `${issue.input} is no address` }),
  };
  const arktypes = { age: type("string.integer.parse"), email: type("string.email") };
  const libraries: readonly (readonly [string, object])[] = [
    ["zod, one for each field", zods],
    ["zod, one for all", zod.object(zods)],
    ["valibot, one for each field", valibots],
    ["valibot, one for all", valibot.object(valibots)],
    ["arktype, one for each field", arktypes],
    ["arktype, one for all", type({ age: "string.integer.parse", email: "string.email", "[string]": "string" })],
    ["superstruct, one for each field", structs],
    ["superstruct, one for all", superstruct.type(structs)],
    ["a mix of them", { age: zods.age, email: valibots.email }],
    ["a mix of ours and theirs", { age: integer(), email: arktypes.email }],
  ];

  test.each(libraries)("%s: give the callback their output", async (_, types) => {
    expect(await fieldsSeen(types, { age: "34", email: "sanne@example.com", city: "Den Haag" })).toMatchObject({
      age: 34,
      email: "sanne@example.com",
    });
  });

  test.each(libraries)(
    "%s: refuse what does not fit, each fault once, and keep the value to themselves",
    async (_, types) => {
      const received = "text of 12 characters";
      expect(await faultsFound(types, { age: SECRET, email: SECRET })).toEqual([
        { variable: "fields.age", expected: expect.stringMatching(/^(what the schema|a whole number)/), received },
        { variable: "fields.email", expected: "what the schema of its route accepts", received },
      ]);
    },
  );

  test.each(libraries)("%s: refuse what is missing", async (_, types) => {
    expect(await faultsFound(types, { email: "sanne@example.com" })).toEqual([
      expect.objectContaining({ variable: "fields.age", received: "nothing" }),
    ]);
  });
});

describe("one schema for all fields", () => {
  test("may turn them into anything", async () => {
    const pairs = zod.record(zod.string(), zod.string()).transform((fields) => Object.entries(fields).sort());
    expect(await fieldsSeen(pairs, { b: "2", a: "1" })).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
  });

  test("gets a copy, so that the event keeps what was sent", async () => {
    const spoiler = schema((fields) => {
      for (const name of Object.keys(fields as object)) Reflect.deleteProperty(fields as object, name);
      return { issues: [{ message: "spoiled", path: ["age"] }] };
    });
    const route = database(12, { fields: spoiler, onProfileCreate() {} });
    const { errors } = await receive({ databases: [route] }, { ...profile, fields: { age: "34" } });
    expect(errors).toMatchObject([
      { event: { fields: { age: "34" } }, faults: [{ received: "text of 2 characters" }] },
    ]);
  });

  test("gets fields named as what every object has, as fields", async () => {
    const entries = schema((fields) => ({ value: Object.entries(fields as object) }));
    const sent = JSON.parse('{"__proto__":"1","constructor":"2"}');
    expect(await fieldsSeen(entries, sent)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
  });

  test("is answered by the names of fields alone, since what lies deeper was in a value", async () => {
    const issues = [
      { message: SECRET, path: ["order", SECRET, 0] },
      { message: SECRET, path: [{ key: "order" }, { key: SECRET }] },
      { message: SECRET, path: [Symbol("odd")] },
      { message: SECRET },
    ];
    const sent = { order: `{"${SECRET}":[1]}` };
    expect(
      await faultsFound(
        schema(() => ({ issues })),
        sent,
      ),
    ).toEqual([
      expect.objectContaining({ variable: "fields.order", received: "text of 20 characters" }),
      expect.objectContaining({ variable: "fields.Symbol(odd)", received: "nothing" }),
      expect.objectContaining({ variable: "fields", received: "a map" }),
    ]);
  });

  test("refuses, even if it does not say why", async () => {
    expect(
      await faultsFound(
        schema(() => ({ issues: [] })),
        { age: "34" },
      ),
    ).toEqual([expect.objectContaining({ variable: "fields" })]);
  });
});

describe("a schema", () => {
  const later = <Value>(value: Value): Promise<Value> => new Promise((resolve) => setTimeout(resolve, 5, value));

  test("may take its time", async () => {
    const slow = schema((value) => later({ value: `${value}!` }));
    const refusing = schema(() => later({ issues: [{ message: SECRET }] }));
    expect(await fieldsSeen({ city: slow, age: integer() }, { city: "Den Haag", age: "34" })).toEqual({
      city: "Den Haag!",
      age: 34,
    });
    expect(await fieldsSeen(slow, {})).toBe("[object Object]!");
    expect(await faultsFound({ city: refusing, age: refusing }, { city: SECRET })).toHaveLength(2);
    expect(await faultsFound(refusing, { city: SECRET })).toHaveLength(1);
  });

  test("may promise in a way of its own", async () => {
    const promise = {
      // biome-ignore lint/suspicious/noThenProperty: so does a promise that is not the runtime's
      then: (resolve: (result: SchemaResult<unknown>) => void) => resolve({ value: "kept" }),
    };
    const promising = schema(() => promise as Promise<SchemaResult<unknown>>); // all that await asks of it
    expect(await fieldsSeen({ city: promising }, { city: "Den Haag" })).toEqual({ city: "kept" });
  });

  test.each<[string, FieldSchema]>([
    ["throws", schema(() => thrower())],
    ["rejects", schema(() => Promise.reject(new Error(SECRET)))],
    ["returns nothing", schema(() => undefined as never)], // as only JavaScript lets it
    ["is a struct that throws", superstruct.refine(superstruct.unknown(), "odd", () => thrower())],
  ])("that %s makes the answer 500, with nothing of the exception", async (_, broken) => {
    for (const fields of [{ city: broken }, broken]) {
      const route = database(12, { fields, onProfileCreate() {} });
      const { status, body, errors } = await receive({ databases: [route] }, { ...profile, fields: { city: SECRET } });
      expect(status).toBe(500);
      expect(body).not.toContain(SECRET);
      expect(errors).toEqual([expect.any(CallbackError)]);
      expect(errors).toMatchObject([{ event: { profile: 4211 }, cause: expect.any(Error) }]);
    }
  });

  test("that never comes to an end is given up, and its callback does not run later", async () => {
    const ran: unknown[] = [];
    let finish: (result: SchemaResult<unknown>) => void = () => {};
    const endless = schema(() => new Promise((resolve) => (finish = resolve)));
    const route = database(12, { fields: { city: endless }, onProfileCreate: (event) => ran.push(event) });
    const { status, errors } = await receive({ databases: [route], timeoutMs: 20 }, profile);
    expect([status, errors.map(({ code }) => code)]).toEqual([503, ["callback_timeout"]]);
    finish({ value: "at last" });
    await later(undefined);
    expect(ran).toEqual([]);
  });

  function thrower(): never {
    throw new Error(SECRET);
  }
});

import { type } from "arktype";
import * as superstruct from "superstruct";
import * as valibot from "valibot";
import { describe, expect, test } from "vitest";
import * as zod from "zod";
import {
  bigText,
  date,
  datetime,
  email,
  emptyDate,
  emptyDatetime,
  flag,
  float,
  foreignKey,
  integer,
  phone,
  select,
  text,
} from "../../src/fields.ts";
import {
  type AnsweredError,
  CallbackError,
  collection,
  createMemoryDeliveryStore,
  createWebhookHandler,
  database,
  type FieldSchema,
  InvalidFieldsError,
  InvalidOptionError,
  type SchemaResult,
  type StandardSchema,
  type WebhookHandler,
  type WebhookOptions,
} from "../../src/index.ts";
import { createTestCopernica, samples, type Variables } from "../../src/testing.ts";
import { postEvent, without } from "./posts.ts";

const profile = samples["profile.create"];
const subprofile = samples["subprofile.create"];

/** A secret that no answer may hold. */
const SECRET = "s3cret-value";

/** Gives an event to a handler made with these options: its answer, and the errors that `onError` was told of. */
async function receive(options: WebhookOptions, variables: Variables) {
  const errors: AnsweredError[] = [];
  const handler = createWebhookHandler({ onWarning() {}, onError: (error) => errors.push(error), ...options });
  const { status, body } = await answerOf(handler, postEvent(variables));
  return { status, body, errors };
}

async function answerOf(handler: WebhookHandler, request: Request) {
  const response = await handler(request);
  return { status: response.status, body: await response.text() };
}

/** What the callback of a route sees of a created profile with these fields, sent to a database with these field types. */
async function fieldsSeen(types: object, sent: Variables): Promise<unknown> {
  const seen: unknown[] = [];
  const options = { fields: types, onProfileCreate: ({ fields }: { fields: unknown }) => void seen.push(fields) };
  const { status, body } = await receive({ databases: [database(12, options)] }, { ...profile, fields: sent });
  expect([status, body]).toEqual([200, ""]);
  expect(seen).toHaveLength(1);
  return seen[0];
}

/** The faults that a created profile with these fields is refused for, by a database with these field types. */
async function faultsFound(types: object, sent: Variables, unknownFields: "ignore" | "reject" = "ignore") {
  const ran: unknown[] = [];
  const record = (event: unknown): unknown => ran.push(event);
  const route = database(12, { fields: types, unknownFields, onProfileCreate: record });
  const answer = await receive({ databases: [route], onEvent: record }, { ...profile, fields: sent });
  expect(ran).toEqual([]);
  expect(answer.status).toBe(422);
  expect(answer.errors).toEqual([expect.any(InvalidFieldsError)]);
  expect(answer.body).not.toContain(SECRET);
  const { code, faults } = JSON.parse(answer.body);
  expect(code).toBe("invalid_fields");
  return faults;
}

/** A schema by the Standard Schema specification that does this. */
function schema(validate: (value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

describe("the most specific callback runs, and onEvent after it:", () => {
  const inDatabase = (event: Variables, id: number): Variables => ({ ...event, database: id });
  const inCollection = (event: Variables, id: number): Variables => ({ ...event, collection: id });
  const deletion = samples["subprofile.delete"];

  test.each<[string, Variables, string]>([
    ["a profile of a database with a route", profile, "database 12"],
    ["a profile of a database without a route", inDatabase(profile, 99), "handler"],
    ["a profile, where its database's route has no callback for it", inDatabase(profile, 13), "handler"],
    ["a subprofile of a collection with a route", subprofile, "collection 3"],
    ["a subprofile of a collection without a route", inCollection(subprofile, 99), "database 12"],
    ["a subprofile, where its collection's route has no callback", samples["subprofile.update"], "database 12"],
    [
      "a subprofile, where its database's route has none either",
      inDatabase(inCollection(subprofile, 5), 13),
      "handler",
    ],
    ["a subprofile of neither", inCollection(inDatabase(subprofile, 99), 99), "handler"],
    ["a subprofile of another database, its collection's id one of ours", inDatabase(subprofile, 99), "handler"],
    ["a subprofile of another database of ours", inDatabase(inCollection(subprofile, 5), 12), "database 12"],
    ["a deleted subprofile, which came without its database", deletion, "collection 3"],
    ["one with its database", inDatabase(deletion, 12), "collection 3"],
    ["one with another database", inDatabase(deletion, 99), "handler"],
    ["one of a collection whose route has no callback for it", inCollection(deletion, 4), "database 12"],
    ["one of a collection without a route", inCollection(deletion, 99), "handler"],
    ["a deleted profile", samples["profile.delete"], "database 12"],
    ["an unsubscription from a database with a route", samples.unsubscribe, "database 12"],
    ["an unsubscription from another", inDatabase(samples.unsubscribe, 99), "handler"],
    ["an event that names no database", samples.click, "handler"],
  ])("%s", async (_, variables, expected) => {
    const ran: string[] = [];
    const by = (owner: string) => () => void ran.push(owner);
    const { status } = await receive(
      {
        databases: [
          database(12, {
            onProfileCreate: by("database 12"),
            onProfileDelete: by("database 12"),
            onUnsubscribe: by("database 12"),
            onSubprofileCreate: by("database 12"),
            onSubprofileUpdate: by("database 12"),
            onSubprofileDelete: by("database 12"),
            collections: [
              collection(3, { onSubprofileCreate: by("collection 3"), onSubprofileDelete: by("collection 3") }),
              collection(4, { onSubprofileCreate: by("collection 4") }),
            ],
          }),
          database(13, { collections: [collection(5, {})] }),
        ],
        onProfileCreate: by("handler"),
        onProfileDelete: by("handler"),
        onUnsubscribe: by("handler"),
        onSubprofileCreate: by("handler"),
        onSubprofileUpdate: by("handler"),
        onSubprofileDelete: by("handler"),
        onClick: by("handler"),
        onUnhandled: by("onUnhandled"),
        onEvent: by("onEvent"),
      },
      variables,
    );
    expect(status).toBe(200);
    expect(ran).toEqual([expected, "onEvent"]);
  });

  test("an event that no route took reaches onUnhandled", async () => {
    const ran: string[] = [];
    const route = database(12, { onProfileUpdate: () => void ran.push("database") });
    await receive({ databases: [route], onUnhandled: ({ name }) => void ran.push(name) }, profile);
    expect(ran).toEqual(["profile.create"]);
  });
});

describe("two routes for the same are refused at creation:", () => {
  test.each([
    ["database", () => [database(12, {}), database(13, {}), database(12, {})], /two routes database\(12\)/],
    [
      "collection, within a database",
      () => [database(12, { collections: [collection(3, {}), collection(3, {})] })],
      /two routes collection\(3\)/,
    ],
    [
      "collection, within two databases",
      () => [database(12, { collections: [collection(3, {})] }), database(13, { collections: [collection(3, {})] })],
      /two routes collection\(3\)/,
    ],
  ])("%s", (_, databases, message) => {
    expect(() => createWebhookHandler({ databases: databases() })).toThrow(InvalidOptionError);
    expect(() => createWebhookHandler({ databases: databases() })).toThrow(message);
  });

  test("but a database and a collection may have the same id", () => {
    const databases = [database(3, { collections: [collection(3, {})] })];
    expect(createWebhookHandler({ databases, onWarning() {} })).toBeTypeOf("function");
  });
});

describe("the callback of a route", () => {
  const types = {
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
    emptyDatetime: emptyDatetime({ timeZone: "UTC" }),
    select: select("prospect", "customer"),
    flag: flag(),
  };

  test("sees each field as its natural value", async () => {
    const sent = {
      text: "some text",
      bigText: "more\ntext",
      email: "sanne@example.com",
      phone: "+31 6 12345678",
      integer: "-42",
      float: "59.95",
      foreignKey: "4211",
      date: "1992-03-14",
      emptyDate: "2026-11-24",
      datetime: "2026-11-24 10:15:30",
      emptyDatetime: "2026-11-24 10:15:30",
      select: "customer",
      flag: "1",
    };
    expect(await fieldsSeen(types, sent)).toEqual({
      ...sent,
      integer: -42,
      float: 59.95,
      foreignKey: 4211,
      date: new Date("1992-03-14T00:00:00Z"),
      emptyDate: new Date("2026-11-24T00:00:00Z"),
      datetime: new Date("2026-11-24T10:15:30+01:00"),
      emptyDatetime: new Date("2026-11-24T10:15:30Z"),
      flag: true,
    });
  });

  test("sees an empty field as null", async () => {
    const empty = Object.fromEntries(Object.keys(types).map((name) => [name, ""]));
    const nulls = Object.fromEntries(Object.keys(types).map((name) => [name, null]));
    expect(await fieldsSeen(types, empty)).toEqual({ ...nulls, flag: false });
    expect(
      await fieldsSeen(types, { ...empty, emptyDate: "0000-00-00", emptyDatetime: "0000-00-00 00:00:00" }),
    ).toEqual({ ...nulls, flag: false });
  });

  test("sees all other variables as ever, and the fields that are not named in raw", async () => {
    const seen: unknown[] = [];
    const general: unknown[] = [];
    const route = database(12, {
      fields: { age: integer() },
      interests: ["newsletter"],
      onProfileCreate: (event) => void seen.push(event),
    });
    await receive({ databases: [route], onEvent: (event) => void general.push(event) }, profile);
    expect(general).toMatchObject([{ fields: { age: "34", city: "Den Haag" }, raw: { fields: { city: "Den Haag" } } }]);
    expect(seen).toEqual([{ ...(general[0] as object), fields: { age: 34 }, interests: { newsletter: true } }]);
  });

  test("sees the interests that are named, those that were not sent as false", async () => {
    const seen: unknown[] = [];
    const route = database(12, {
      interests: ["newsletter", "offers", "constructor", "__proto__"],
      onProfileCreate: ({ interests, fields }) => void seen.push(Object.entries(interests), fields.city),
    });
    for (const interests of [["newsletter", "other"], { newsletter: 1, offers: 0, other: 1 }, {}]) {
      await receive({ databases: [route] }, { ...profile, interests });
    }
    const named = (newsletter: boolean) => [
      ["newsletter", newsletter],
      ["offers", false],
      ["constructor", false],
      ["__proto__", false],
    ];
    expect(seen).toEqual([named(true), "Den Haag", named(true), "Den Haag", named(false), "Den Haag"]);
  });

  test("sees all interests where none are named", async () => {
    const seen: unknown[] = [];
    const route = database(12, { fields: {}, onProfileCreate: ({ interests }) => void seen.push(interests) });
    await receive({ databases: [route] }, profile);
    expect(seen).toEqual([{ newsletter: true, offers: false }]);
  });

  test("sees no fields of a deletion that came without, whatever is named", async () => {
    const seen: unknown[] = [];
    const route = database(12, {
      fields: { age: integer() },
      onProfileDelete: (event) => void seen.push(event.fields),
      collections: [
        collection(3, {
          fields: zod.object({ orderId: zod.string() }),
          onSubprofileDelete: (event) => void seen.push(event.fields),
        }),
      ],
    });
    for (const name of ["profile.delete", "subprofile.delete"] as const) {
      expect((await receive({ databases: [route] }, samples[name])).status).toBe(200);
    }
    expect(seen).toEqual([undefined, undefined]);
  });

  test("sees the fields of a deletion that came with them", async () => {
    const seen: unknown[] = [];
    const route = database(12, { fields: { age: integer() }, onProfileDelete: ({ fields }) => void seen.push(fields) });
    const deletion = samples["profile.delete"];
    expect((await receive({ databases: [route] }, { ...deletion, fields: { age: "34" } })).status).toBe(200);
    expect((await receive({ databases: [route] }, { ...deletion, fields: { age: "old" } })).status).toBe(422);
    expect(seen).toEqual([{ age: 34 }]);
  });

  test("sees fields of a subprofile typed by its collection, as texts where that has no route", async () => {
    const seen: unknown[] = [];
    const record = ({ fields }: { readonly fields: unknown }) => void seen.push(fields);
    const route = database(12, {
      fields: { age: integer() },
      onSubprofileCreate: record,
      collections: [collection(3, { fields: { amount: float(), paid: flag() }, onSubprofileCreate: record })],
    });
    await receive({ databases: [route] }, subprofile);
    await receive({ databases: [route] }, { ...subprofile, collection: 4 });
    expect(seen).toEqual([{ amount: 59.95, paid: true }, subprofile.fields]);
  });

  test("sees fields of the strangest names", async () => {
    const strange = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "a.b", "with space", "0"];
    const types = Object.fromEntries(strange.map((name) => [name, integer()]));
    const sent = Object.fromEntries(strange.map((name, index) => [name, String(index)]));
    const seen = await fieldsSeen(types, sent);
    expect(Object.fromEntries(Object.entries(seen as object))).toEqual(
      Object.fromEntries(strange.map((name, index) => [name, index])),
    );
    expect(Object.getPrototypeOf(seen)).toBeNull();
    const faults = strange.map((name) => ({ variable: `fields.${name}`, received: "nothing" }));
    expect(await faultsFound(types, { city: "Den Haag" })).toEqual(
      expect.arrayContaining(faults.map((fault) => expect.objectContaining(fault))),
    );
  });
});

describe("fields that do not fit", () => {
  const types = { email: email(), age: integer(), birthday: date(), status: select("prospect", "customer") };

  test("are answered 422, every one of them, and no value of theirs", async () => {
    const sent = { age: SECRET, birthday: "", status: `${SECRET}, too`, city: SECRET };
    expect(await faultsFound(types, sent)).toEqual([
      { variable: "fields.email", expected: "an email address", received: "nothing" },
      { variable: "fields.age", expected: "a whole number", received: "text of 12 characters" },
      { variable: "fields.status", expected: 'one of "prospect", "customer"', received: "text of 17 characters" },
    ]);
  });

  test("are kept: onError gets the event, its fields as they were sent", async () => {
    const sent = {
      email: "sanne@example.com",
      age: SECRET,
      birthday: "1992-03-14",
      status: "customer",
      city: "Den Haag",
    };
    const route = database(12, { fields: types, onProfileCreate() {} });
    const { errors, body } = await receive({ databases: [route] }, { ...profile, fields: sent });
    const [error] = errors;
    if (error?.code !== "invalid_fields") throw new Error(`onError was told ${error?.code}`);
    expect(error.event).toMatchObject({ name: "profile.create", profile: 4211, fields: sent, raw: { fields: sent } });
    expect(error.faults).toEqual(JSON.parse(body).faults);
    expect(error.message).not.toContain(SECRET);
    expect(error.cause).toEqual([expect.objectContaining({ message: expect.any(String) })]);
  });

  test("do not matter to an event that the route has no callback for", async () => {
    const seen: unknown[] = [];
    const { status } = await receive(
      {
        databases: [database(12, { fields: types, onProfileUpdate() {} })],
        onProfileCreate: ({ fields }) => void seen.push(fields),
      },
      { ...profile, fields: { age: "old" } },
    );
    expect([status, seen]).toEqual([200, [{ age: "old" }]]);
  });

  test("matter where no fields came at all", async () => {
    const route = database(12, { fields: { email: email(), paid: flag() }, onProfileCreate() {} });
    const { status, body } = await receive({ databases: [route] }, without(profile, "fields"));
    expect(status).toBe(422);
    expect(JSON.parse(body).faults).toMatchObject([{ variable: "fields.email" }, { variable: "fields.paid" }]);
  });
});

describe("fields that are not named", () => {
  const types = { age: integer() };

  test("are passed over", async () => {
    expect(await fieldsSeen(types, { age: "34", city: "Den Haag" })).toEqual({ age: 34 });
  });

  test('are refused with unknownFields: "reject", each of them and without its value', async () => {
    expect(await faultsFound(types, { age: "old", city: SECRET, __proto__x: "" }, "reject")).toEqual([
      { variable: "fields.age", expected: "a whole number", received: "text of 3 characters" },
      { variable: "fields.city", expected: "absent", received: "text of 12 characters" },
      { variable: "fields.__proto__x", expected: "absent", received: "empty text" },
    ]);
  });

  test('are not there, and so accepted, with unknownFields: "reject"', async () => {
    const route = database(12, { fields: types, unknownFields: "reject", onProfileCreate() {} });
    expect((await receive({ databases: [route] }, { ...profile, fields: { age: "34" } })).status).toBe(200);
  });
});

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

describe("a delivery whose fields do not fit is not used up", () => {
  test("once the field types are mended, it is processed, once", async () => {
    const copernica = await createTestCopernica();
    const deliveries = createMemoryDeliveryStore();
    const seen: unknown[] = [];
    const receiver = (fields: object) =>
      createWebhookHandler({
        account: copernica.account,
        verify: { resolveTxt: copernica.resolveTxt },
        deliveries,
        databases: [database(12, { fields, onProfileCreate: ({ fields }) => void seen.push(fields) })],
        onError() {},
      });
    const delivery = await copernica.request({ ...profile, fields: { age: "thirty-four" } });
    const strict = receiver({ age: integer() });
    const mended = receiver({ age: text() });
    const answers = [];
    for (const handler of [strict, strict, mended, mended, mended]) {
      answers.push((await handler(delivery.clone())).status);
    }
    expect(answers).toEqual([422, 422, 200, 200, 200]);
    expect(seen).toEqual([{ age: "thirty-four" }]);
  });
});

describe("a mistake in a route is found at creation:", () => {
  /** As only JavaScript, or what no compiler looked at, can have it. */
  const unchecked = (value: unknown): never => value as never;
  const field = (type: unknown): unknown => ({ fields: { email: email(), age: type } });

  test.each<[string, () => unknown, RegExp]>([
    ["an id of 0", () => database(0, {}), /database\(0\): the id must be a whole number/],
    ["a negative id", () => collection(-3, {}), /collection\(-3\): the id/],
    ["an id that is not whole", () => database(1.5, {}), /database\(1.5\): the id/],
    ["no id", () => database(Number.NaN, {}), /the id/],
    ["an id in a text", () => database(unchecked("12"), {}), /the id/],
    ["no options", () => database(12, unchecked(undefined)), /database\(12\) must be an object of options/],
    [
      "a misspelled callback",
      () => database(12, unchecked({ onProfileCreated() {} })),
      /Did you mean onProfileCreate\?/,
    ],
    [
      "a misspelled option",
      () => database(12, unchecked({ feilds: {} })),
      /database\(12\).* feilds\. Did you mean fields\?/,
    ],
    ["a misspelled option of a collection", () => collection(3, unchecked({ Fields: {} })), /Did you mean fields\?/],
    ["an option that is like no other", () => database(12, unchecked({ abcdefghijkl: 1 })), /It takes fields, /],
    ["a callback without a database", () => database(12, unchecked({ onClick() {} })), /has no option onClick/],
    ["a profile's callback in a collection", () => collection(3, unchecked({ onProfileCreate() {} })), /no option/],
    ["interests in a collection", () => collection(3, unchecked({ interests: ["newsletter"] })), /no option interests/],
    [
      "a callback that is none",
      () => database(12, unchecked({ onProfileCreate: {} })),
      /onProfileCreate must be a function/,
    ],
    [
      "one of a collection",
      () => collection(3, unchecked({ onSubprofileDelete: 1 })),
      /onSubprofileDelete must be a fun/,
    ],
    ["fields that are no map", () => database(12, unchecked({ fields: "email" })), /fields must be a map/],
    ["fields that are null", () => database(12, unchecked({ fields: null })), /fields must be a map/],
    [
      "fields that are a list of names",
      () => database(12, unchecked({ fields: ["email"] })),
      /fields\.0 must be a field/,
    ],
    [
      "a field type not called",
      () => database(12, unchecked(field(integer))),
      /database\(12\): fields\.age must be a field/,
    ],
    ["a word for a field type", () => database(12, unchecked(field("integer"))), /fields\.age must be a field type/],
    ["no field type", () => database(12, unchecked(field(undefined))), /fields\.age must be a field type/],
    ["a schema without validate", () => database(12, unchecked(field({ "~standard": {} }))), /fields\.age must be/],
    ["another unknownFields", () => database(12, unchecked({ unknownFields: "refuse" })), /"ignore" or "reject"/],
    [
      "unknownFields without fields",
      () => database(12, { unknownFields: "reject" }),
      /unknownFields is for a map of fields/,
    ],
    [
      "unknownFields with one schema for all fields",
      () => database(12, { fields: zod.object({}), unknownFields: "reject" }),
      /let the schema reject/,
    ],
    [
      "interests that are no list",
      () => database(12, unchecked({ interests: "newsletter" })),
      /interests must be a list/,
    ],
    [
      "interests that are no names",
      () => database(12, unchecked({ interests: [1] })),
      /interests must be a list of names/,
    ],
    [
      "collections that are no list",
      () => database(12, unchecked({ collections: collection(3, {}) })),
      /collections must be/,
    ],
    [
      "a database in a database",
      () => database(12, unchecked({ collections: [database(13, {})] })),
      /what collection\(\) m/,
    ],
    [
      "databases that are no list",
      () => createWebhookHandler({ databases: unchecked(database(12, {})) }),
      /databases must be/,
    ],
    [
      "a collection in a handler",
      () => createWebhookHandler({ databases: unchecked([collection(3, {})]) }),
      /what database/,
    ],
    [
      "a route written by hand",
      () => createWebhookHandler({ databases: unchecked([{ database: 12 }]) }),
      /what database\(\)/,
    ],
  ])("%s", (_, create, message) => {
    expect(create).toThrow(InvalidOptionError);
    expect(create).toThrow(message);
  });
});

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
import { collection, createMemoryDeliveryStore, createWebhookHandler, database } from "../../src/index.ts";
import { createTestCopernica, samples } from "../../src/testing.ts";
import { without } from "./posts.ts";
import { faultsFound, fieldsSeen, profile, receive, SECRET, subprofile } from "./receiving.ts";

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

  test("sees all interests if none are named", async () => {
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

  test("sees fields of a subprofile typed by its collection, as texts if that has no route", async () => {
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

  test("matter if no fields came at all", async () => {
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

import { describe, expect, test } from "vitest";
import * as zod from "zod";
import { email, integer } from "../../src/fields.ts";
import { collection, createWebhookHandler, database, InvalidOptionError } from "../../src/index.ts";
import { samples, type Variables } from "../../src/testing.ts";
import { profile, receive, subprofile } from "./receiving.ts";

describe("the most specific callback runs, and onEvent after it:", () => {
  const inDatabase = (event: Variables, id: number): Variables => ({ ...event, database: id });
  const inCollection = (event: Variables, id: number): Variables => ({ ...event, collection: id });
  const deletion = samples["subprofile.delete"];

  test.each<[string, Variables, string]>([
    ["a profile of a database with a route", profile, "database 12"],
    ["a profile of a database without a route", inDatabase(profile, 99), "handler"],
    ["a profile whose database's route has no callback for it", inDatabase(profile, 13), "handler"],
    ["a subprofile of a collection with a route", subprofile, "collection 3"],
    ["a subprofile of a collection without a route", inCollection(subprofile, 99), "database 12"],
    ["a subprofile whose collection's route has no callback", samples["subprofile.update"], "database 12"],
    ["a subprofile whose database's route has none either", inDatabase(inCollection(subprofile, 5), 13), "handler"],
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

describe("a mistake in a route is found at creation:", () => {
  /** As only JavaScript, or what no compiler looked at, can have it. */
  const unchecked = (value: unknown): never => value as never;
  const field = (type: unknown): unknown => ({ fields: { email: email(), age: type } });

  test.each<[string, () => unknown, RegExp]>([
    ["an id of 0", () => database(0, {}), /database\(0\): the id must be a whole number from 1 /],
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
      /unknownFields is for a map of fields; name the known ones/,
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

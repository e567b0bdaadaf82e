import { type } from "arktype";
import * as superstruct from "superstruct";
import * as valibot from "valibot";
import { expectTypeOf } from "vitest";
import * as zod from "zod";
import * as zodMini from "zod/mini";
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
  type CollectionRoute,
  collection,
  createWebhookHandler,
  type DatabaseRoute,
  database,
  type EventFor,
  type Fields,
  type FieldsOf,
  type FormTree,
  type Interests,
  type RoutedEvent,
  type StandardSchema,
  type WebhookEvent,
} from "../../src/index.ts";

// Field types: the callback sees what each makes of its text.
database(12, {
  fields: {
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
    "with space": text(),
  },
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{
      readonly text: string | null;
      readonly bigText: string | null;
      readonly email: string | null;
      readonly phone: string | null;
      readonly integer: number | null;
      readonly float: number | null;
      readonly foreignKey: number | null;
      readonly date: Date | null;
      readonly emptyDate: Date | null;
      readonly datetime: Date | null;
      readonly emptyDatetime: Date | null;
      readonly select: "prospect" | "customer" | null;
      readonly flag: boolean;
      readonly "with space": string | null;
    }>();
  },
});

// Schemas of others, one for each field.
database(12, {
  fields: {
    coerced: zod.coerce.number(),
    optional: zod.string().optional(),
    transformed: zod.string().transform((sent) => new Date(sent)),
    choice: zod.enum(["prospect", "customer"]),
    mini: zodMini.string(),
    branded: zod.string().brand("OrderId"),
  },
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{
      readonly coerced: number;
      readonly optional: string | undefined;
      readonly transformed: Date;
      readonly choice: "prospect" | "customer";
      readonly mini: string;
      readonly branded: string & zod.$brand<"OrderId">;
    }>();
  },
});
database(12, {
  fields: {
    transformed: valibot.pipe(valibot.string(), valibot.transform(Number)),
    choice: valibot.picklist(["prospect", "customer"]),
    asynchronous: valibot.pipeAsync(
      valibot.string(),
      valibot.checkAsync(async (sent) => sent !== ""),
    ),
  },
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{
      readonly transformed: number;
      readonly choice: "prospect" | "customer";
      readonly asynchronous: string;
    }>();
  },
});
database(12, {
  fields: { parsed: type("string.numeric.parse"), choice: type("'prospect' | 'customer'") },
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ readonly parsed: number; readonly choice: "prospect" | "customer" }>();
  },
});
database(12, {
  fields: {
    coerced: superstruct.coerce(superstruct.number(), superstruct.string(), Number),
    choice: superstruct.enums(["prospect", "customer"]),
  },
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ readonly coerced: number; readonly choice: "prospect" | "customer" }>();
  },
});

// One map may mix them all.
database(12, {
  fields: {
    ours: integer(),
    zod: zod.coerce.boolean(),
    valibot: valibot.string(),
    arktype: type("string.date.parse"),
    superstruct: superstruct.optional(superstruct.string()),
  },
  interests: ["newsletter", "offers"],
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{
      readonly ours: number | null;
      readonly zod: boolean;
      readonly valibot: string;
      readonly arktype: Date;
      readonly superstruct: string | undefined;
    }>();
    expectTypeOf(event.interests).toEqualTypeOf<{ readonly newsletter: boolean; readonly offers: boolean }>();
  },
});

// One schema for all fields: its output, and nothing else.
database(12, {
  fields: zod.object({ age: zod.coerce.number(), email: zod.email().optional() }),
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ age: number; email?: string | undefined }>();
  },
});
database(12, {
  fields: zod.object({ age: zod.coerce.number() }).transform(({ age }) => [age] as const),
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<readonly [number]>();
  },
});
database(12, {
  fields: valibot.object({ age: valibot.pipe(valibot.string(), valibot.transform(Number)) }),
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ age: number }>();
  },
});
database(12, {
  fields: type({ age: "string.numeric.parse", "email?": "string.email" }),
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ age: number; email?: string }>();
  },
});
database(12, {
  fields: superstruct.type({
    age: superstruct.coerce(superstruct.number(), superstruct.string(), Number),
    email: superstruct.optional(superstruct.string()),
  }),
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<{ age: number; email?: string | undefined }>();
  },
});
declare const custom: StandardSchema<Map<string, bigint>>;
collection(3, {
  fields: custom,
  onSubprofileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Map<string, bigint>>();
  },
});

// Each callback of a route has its own event: all of its variables, its fields and interests typed.
const fields = { email: email(), age: integer() };
type RouteFields = { readonly email: string | null; readonly age: number | null };
const route = database(12, {
  fields,
  interests: ["newsletter"],
  unknownFields: "reject",
  onProfileCreate(event) {
    expectTypeOf(event).toEqualTypeOf<RoutedEvent<EventFor<"onProfileCreate">, typeof fields, "newsletter">>();
    expectTypeOf(event.name).toEqualTypeOf<"profile.create">();
    expectTypeOf(event.occurredAt).toEqualTypeOf<Date>();
    expectTypeOf(event.parameters).toEqualTypeOf<FormTree>();
    expectTypeOf(event.raw).toEqualTypeOf<FormTree>();
    expectTypeOf(event.id).toEqualTypeOf<number | undefined>();
    expectTypeOf(event.fields).toEqualTypeOf<RouteFields>();
    expectTypeOf(event.interests.newsletter).toEqualTypeOf<boolean>();
    // @ts-expect-error: a misspelled interest
    event.interests.newsleter;
    // @ts-expect-error: a misspelled field
    event.fields.emial;
    // @ts-expect-error: a field that is not named is in `raw` alone
    event.fields.city;
    // @ts-expect-error: events are readonly
    event.fields.age = 3;
  },
  onProfileUpdate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<RouteFields>();
    expectTypeOf(event.interests).toEqualTypeOf<{ readonly newsletter: boolean }>();
  },
  onProfileDelete(event) {
    expectTypeOf(event.fields).toEqualTypeOf<RouteFields | undefined>();
    // @ts-expect-error: a deletion may come without its fields
    event.fields.age;
    // @ts-expect-error: a deletion has no interests
    event.interests;
  },
  onUnsubscribe(event) {
    expectTypeOf(event).branded.toEqualTypeOf<EventFor<"onUnsubscribe">>();
  },
  // Subprofiles of collections without a route have their own fields, of which a database's route knows nothing.
  onSubprofileCreate(event) {
    expectTypeOf(event).toEqualTypeOf<EventFor<"onSubprofileCreate">>();
    expectTypeOf(event.fields).toEqualTypeOf<Fields>();
  },
  onSubprofileDelete(event) {
    expectTypeOf(event.database).toEqualTypeOf<number | undefined>();
  },
  collections: [
    collection(3, {
      fields: { orderId: text(), paid: flag() },
      onSubprofileCreate(event) {
        expectTypeOf(event.fields).toEqualTypeOf<{ readonly orderId: string | null; readonly paid: boolean }>();
        expectTypeOf(event.collection).toEqualTypeOf<number>();
        // @ts-expect-error: a field of the database, not of the collection
        event.fields.age;
      },
      onSubprofileUpdate(event) {
        expectTypeOf(event.fields.paid).toEqualTypeOf<boolean>();
      },
      onSubprofileDelete(event) {
        expectTypeOf(event.fields?.paid).toEqualTypeOf<boolean | undefined>();
        expectTypeOf(event.database).toEqualTypeOf<number | undefined>();
      },
    }),
  ],
});
expectTypeOf(route).toEqualTypeOf<DatabaseRoute>();
expectTypeOf(collection(3, {})).toEqualTypeOf<CollectionRoute>();
expectTypeOf<FieldsOf<typeof fields>>().toEqualTypeOf<RouteFields>();
expectTypeOf<FieldsOf<undefined>>().toEqualTypeOf<Fields>();

// Without fields or interests of its own, a route's events are the general ones, and fit what takes those.
function save(event: WebhookEvent<"profile.create">): number {
  return event.profile;
}
database(12, {
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Fields>();
    expectTypeOf(event.interests).toEqualTypeOf<Interests>();
    save(event);
  },
});
database(12, {
  interests: ["newsletter"],
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Fields>();
    expectTypeOf(event.interests).toEqualTypeOf<{ readonly newsletter: boolean }>();
    save(event);
  },
});
database(12, {
  fields,
  onProfileCreate(event) {
    expectTypeOf(event.interests).toEqualTypeOf<Interests>();
    // @ts-expect-error: numbers and nulls are no texts
    save(event);
  },
});

// A general callback beside routes sees texts.
createWebhookHandler({
  databases: [route],
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Fields>();
  },
});

// Options written elsewhere and spread, as generated ones are, keep their types.
const options = { fields, interests: ["newsletter"] } as const;
database(12, {
  ...options,
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<RouteFields>();
    expectTypeOf(event.interests).toEqualTypeOf<{ readonly newsletter: boolean }>();
  },
});

// A function that takes a route's event names its type.
function greet(event: RoutedEvent<WebhookEvent<"profile.create">, typeof fields, "newsletter">): string | null {
  return event.interests.newsletter ? event.fields.email : null;
}
database(12, { ...options, onProfileCreate: greet });
database(12, {
  fields,
  // @ts-expect-error: its interests are not named
  onProfileCreate: greet,
});

database(12, {
  // @ts-expect-error: a click names no database
  onClick() {},
});
collection(3, {
  // @ts-expect-error: a collection has no profiles
  onProfileCreate() {},
});
collection(3, {
  fields: { paid: flag() },
  // @ts-expect-error: an unsubscription names no collection
  onUnsubscribe() {},
});
database(12, {
  // @ts-expect-error: a misspelled callback
  onProfileCreated() {},
});
database(12, {
  // @ts-expect-error: a misspelled option
  field: { age: integer() },
});
collection(3, {
  // @ts-expect-error: subprofiles have no interests
  interests: ["newsletter"],
});
database(12, {
  // @ts-expect-error: neither ignore nor reject
  unknownFields: "refuse",
});
database(12, {
  // @ts-expect-error: a name, not a list of names
  interests: "newsletter",
});
database(12, {
  fields: {
    email: email(),
    // @ts-expect-error: the function, not what it makes
    age: integer,
    // @ts-expect-error: a word, not a field type
    birthday: "date",
    paid: flag(),
  },
  // A mistake in one field takes no other field's type away.
  onProfileCreate(event) {
    expectTypeOf(event.fields.email).toEqualTypeOf<string | null>();
    expectTypeOf(event.fields.paid).toEqualTypeOf<boolean>();
  },
});
database(12, {
  // @ts-expect-error: a word, not a map of field types
  fields: "email",
});
// @ts-expect-error: an id is a number
database("12", {});
// @ts-expect-error: select names its choices
select();
createWebhookHandler({
  databases: [
    // @ts-expect-error: a collection belongs into a database
    collection(3, {}),
  ],
});
database(12, {
  collections: [
    // @ts-expect-error: a database belongs into a handler
    database(13, {}),
  ],
});

// An option that may be left out may be undefined; fields that may be are texts then.
database(12, {
  fields: undefined,
  unknownFields: undefined,
  interests: undefined,
  collections: undefined,
  onProfileCreate: undefined,
  onProfileUpdate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Fields>();
  },
});
database(12, {
  fields: Math.random() < 0.5 ? { age: integer() } : undefined,
  onProfileCreate(event) {
    expectTypeOf(event.fields).toEqualTypeOf<Fields | { readonly age: number | null }>();
  },
});
collection(3, { fields: undefined, unknownFields: undefined, onSubprofileCreate: undefined });
datetime({ timeZone: undefined });
emptyDatetime({ timeZone: undefined });

import { expectTypeOf } from "vitest";
import { datetime, email, emptyDatetime, flag, integer, text } from "../../src/fields.ts";
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
  type WebhookEvent,
} from "../../src/index.ts";

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

import { expectTypeOf } from "vitest";
import { email, flag, integer, select } from "../../src/fields.ts";
import { collection, createWebhookHandler, database } from "../../src/index.ts";

// What a compiler refuses of a route, each at the option that is wrong.
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

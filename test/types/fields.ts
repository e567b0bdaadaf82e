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
import { collection, database, type StandardSchema } from "../../src/index.ts";

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

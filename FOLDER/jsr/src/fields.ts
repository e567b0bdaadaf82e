/**
 * Field types: what turns the strings of a profile's or subprofile's fields into numbers, dates, choices and booleans.
 *
 * Every value is text on the wire. A field type reads that text: an empty text is `null` (for {@link flag}: `false`), a text
 * that fits is the natural value, and anything else is an issue that says what was expected and what came, never the value
 * itself. Each field type is a Standard Schema, so that it also works wherever a schema of zod, valibot or arktype does.
 *
 * `copernica-webhooks/generate` writes the field types of a whole database from Copernica's own description of it.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, database } from "copernica-webhooks";
 * import { date, email, integer, select } from "copernica-webhooks/fields";
 *
 * createWebhookHandler({
 *   account: 1234,
 *   databases: [
 *     database(12, {
 *       fields: { email: email(), age: integer(), birthday: date(), status: select("prospect", "customer") },
 *       onProfileCreate(event) {
 *         console.log(event.fields.age); // number | null
 *       },
 *     }),
 *   ],
 * });
 * ```
 *
 * @module
 */

export { select } from "./fields/choice.ts";
export { type DatetimeOptions, date, datetime, emptyDate, emptyDatetime } from "./fields/date.ts";
export type { Field } from "./fields/field.ts";
export { flag } from "./fields/flag.ts";
export { float, foreignKey, integer } from "./fields/number.ts";
export { bigText, email, phone, text } from "./fields/text.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";

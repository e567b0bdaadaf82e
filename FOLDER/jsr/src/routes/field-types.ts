import type { Fields, Interests } from "../events/variables.ts";
import { oneOf, optional, withDefault } from "../options/readers.ts";
import { invalidOption, type OptionReader } from "../options/settle.ts";
import { type FieldSchema, isSchema, type OutputOf } from "./schema.ts";

/** The field types of a database or collection: a schema for each field by its name, or one for all of them. */
export type FieldTypes = FieldSchema | { readonly [field: string]: FieldSchema };

/** What a callback sees of fields with these types. */
export type FieldsOf<Types> = Types extends FieldSchema
  ? OutputOf<Types>
  : Types extends object
    ? { readonly [Field in keyof Types]: OutputOf<Types[Field]> }
    : Fields;

/**
 * Asks of each field in a map that it has a schema. Beside the map's own type, not as its constraint: so a field without one
 * is one error, at that field, and the other fields keep their types.
 *
 * @internal
 */
type SchemaOfEach<Types> = Types extends FieldSchema
  ? unknown
  : { readonly [Field in keyof Types]: Types[Field] extends FieldSchema ? unknown : FieldSchema };

/** An event whose fields and interests have types of their own. */
export type RoutedEvent<Event, Types, Interest extends string> = {
  readonly [Variable in keyof Event]: Variable extends "fields"
    ? FieldsOf<Types>
    : Variable extends "interests"
      ? InterestsOf<Interest>
      : Event[Variable];
};

/**
 * Interests with these names; with names that are not known, as many as there are.
 *
 * @internal
 */
type InterestsOf<Interest extends string> = string extends Interest
  ? Interests
  : { readonly [Name in Interest]: boolean };

/** What a route does with the fields of its events. */
export interface FieldOptions<Types> {
  /**
   * What the callbacks of this route see as `event.fields`. Without it, the fields are texts.
   *
   * A field that is named here and that is missing or does not fit makes the answer 422; `onError` gets the event. Of an
   * event that comes without any fields, as deletions may, `fields` stays undefined.
   */
  readonly fields?: (Types & SchemaOfEach<Types>) | undefined;
  /**
   * Whether fields that `fields` does not name are passed over (they stay in `event.raw`), or make the answer 422. Only if
   * `fields` is a map; one schema for all fields decides that itself.
   *
   * @default "ignore"
   */
  readonly unknownFields?: "ignore" | "reject" | undefined;
}

/** How the options of {@link FieldOptions} are read. */
export const fieldReaders: {
  readonly fields: OptionReader<FieldTypes | undefined>;
  readonly unknownFields: OptionReader<"ignore" | "reject">;
} = {
  fields: optional(readTypes),
  unknownFields: withDefault(() => "ignore" as const, oneOf("ignore", "reject")),
};

function readTypes(given: unknown, option: string): FieldTypes {
  if (isSchema(given)) return given;
  if (typeof given !== "object" || given === null) {
    throw invalidOption(option, "a map of field names to field types, or one schema", given);
  }
  for (const [name, schema] of Object.entries(given)) {
    if (isSchema(schema)) continue;
    throw invalidOption(`${option}.${name}`, "a field type, such as text() or integer(), or a schema", schema);
  }
  return given as FieldTypes; // each of its values was just seen to be a schema
}

import type { Fault } from "../errors.ts";
import type { Fields } from "../events/variables.ts";
import { shapeOf } from "../shape.ts";
import type { SchemaIssue } from "../standard-schema.ts";
import type { FieldTypes } from "./field-types.ts";
import { type FieldSchema, isSchema, validate } from "./schema.ts";

/** What came of the fields of an event: the output of their types, or the faults that keep them from having one. */
export interface FieldsReading {
  /** What the callback sees as `event.fields`. */
  readonly output: unknown;
  /** Every fault; none if the fields fit. */
  readonly faults: readonly Fault[];
  /** What the schemas themselves said, values included: for the receiver alone. */
  readonly issues: readonly SchemaIssue[] | undefined;
}

/**
 * Makes the function that reads the fields of an event by their types.
 *
 * @param types A schema for each field, or one for all of them.
 * @param unknownFields Whether a field that a map does not name is a fault.
 * @returns The function; it rejects with what a schema throws.
 */
export function createFieldsReader(
  types: FieldTypes,
  unknownFields: "ignore" | "reject",
): (fields: Fields) => Promise<FieldsReading> {
  if (isSchema(types)) return (fields) => readAll(types, fields);
  const schemas = Object.entries(types);
  return (fields) => readEach(schemas, fields, unknownFields);
}

/** Reads the fields with one schema for all of them. */
async function readAll(schema: FieldSchema, fields: Fields): Promise<FieldsReading> {
  // A copy with a prototype, which schemas of plain objects expect.
  const { value, issues } = await validate(schema, { ...fields });
  if (issues === undefined) return { output: value, faults: [], issues };
  // Of a path the field's name alone: what lies deeper was in the field's value. No path: the fields as a whole.
  const names = new Set(issues.length > 0 ? issues.map(fieldOf) : [undefined]);
  const faults = [...names].map((name) => ({
    variable: name === undefined ? "fields" : `fields.${name}`,
    expected: EXPECTED_BY_SCHEMA,
    received: shapeOf(name === undefined ? fields : fields[name]),
  }));
  return { output: undefined, faults, issues };
}

/** The name of the field that an issue is about; undefined if it is about all of them. */
function fieldOf({ path }: SchemaIssue): string | undefined {
  const [key] = path ?? [];
  return key === undefined ? undefined : String(typeof key === "object" ? key.key : key);
}

/** Reads each field with its own schema. */
async function readEach(
  schemas: readonly (readonly [string, FieldSchema])[],
  fields: Fields,
  unknownFields: "ignore" | "reject",
): Promise<FieldsReading> {
  const output: { [field: string]: unknown } = Object.create(null);
  const faults: Fault[] = [];
  const found: SchemaIssue[] = [];
  for (const [name, schema] of schemas) {
    const result = validate(schema, fields[name]);
    const { value, issues } = "then" in result ? await result : result;
    if (issues === undefined) {
      output[name] = value;
    } else {
      found.push(...issues);
      faults.push({ variable: `fields.${name}`, expected: expectationOf(schema), received: shapeOf(fields[name]) });
    }
  }
  if (unknownFields === "reject") {
    const named = new Set(schemas.map(([name]) => name));
    for (const [name, value] of Object.entries(fields)) {
      if (!named.has(name)) faults.push({ variable: `fields.${name}`, expected: "absent", received: shapeOf(value) });
    }
  }
  return { output, faults, issues: found };
}

/** What a schema expects: in its own words if they are ours, since others' words may hold the value. */
function expectationOf(schema: FieldSchema): string {
  return "expected" in schema && typeof schema.expected === "string" ? schema.expected : EXPECTED_BY_SCHEMA;
}

const EXPECTED_BY_SCHEMA = "what the schema of its route accepts";

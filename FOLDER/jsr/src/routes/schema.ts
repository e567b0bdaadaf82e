import type { SchemaIssue, StandardSchema } from "../standard-schema.ts";

/** A struct of superstruct, by its structure. */
export interface StructSchema<Output = unknown> {
  /** Makes the struct's type of a value, or throws. */
  readonly create: (value: unknown) => Output;
  /** Makes the struct's type of a value, or says what keeps it from being one. */
  readonly validate: (
    value: unknown,
    options: { coerce?: boolean },
  ) => readonly [StructFailures | undefined, unknown] | readonly [StructFailures, undefined];
}

/** What keeps a value from being a struct's type. */
export interface StructFailures {
  /** Every failure. */
  readonly failures: () => readonly { readonly path: readonly PropertyKey[] }[];
}

/** What reads fields: a field type of `copernica-webhooks/fields`, any Standard Schema, or a struct of superstruct. */
export type FieldSchema = StandardSchema | StructSchema;

/**
 * What a schema turns a value into.
 *
 * @internal
 */
export type OutputOf<Schema> = Schema extends StandardSchema
  ? NonNullable<Schema["~standard"]["types"]>["output"]
  : Schema extends StructSchema<infer Output>
    ? Output
    : never;

/** Whether something is a schema. */
export function isSchema(value: unknown): value is FieldSchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  if ("~standard" in value) return hasFunction(value["~standard"], "validate");
  return hasFunction(value, "create") && hasFunction(value, "validate");
}

function hasFunction(owner: unknown, name: string): boolean {
  return typeof owner === "object" && owner !== null && typeof Reflect.get(owner, name) === "function";
}

/** What a schema made of a value: its output, or the issues that keep it from having one. */
export interface Validation {
  readonly value?: unknown;
  readonly issues?: readonly SchemaIssue[] | undefined;
}

/** Gives a value to a schema. Throws or rejects with what the schema throws. */
export function validate(schema: FieldSchema, value: unknown): Validation | Promise<Validation> {
  if ("~standard" in schema) return schema["~standard"].validate(value);
  const [failures, output] = schema.validate(value, { coerce: true });
  if (failures === undefined) return { value: output };
  // Without the messages of the failures, which hold the value.
  return { issues: failures.failures().map(({ path }) => ({ message: "The value does not fit the struct.", path })) };
}

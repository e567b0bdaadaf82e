import { shapeOf } from "../shape.ts";
import type { SchemaResult, StandardSchema } from "../standard-schema.ts";

/**
 * A field type: a Standard Schema that reads the text of one field, at once and without a promise.
 *
 * @typeParam Output What the text is turned into.
 */
export interface Field<Output> extends StandardSchema<Output> {
  /** What the Standard Schema specification asks a schema to have; `validate` never throws and never returns a promise. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The name of this package. */
    readonly vendor: string;
    /** Reads the text of a field; a text that does not fit, or none, gives one issue. */
    readonly validate: (value: unknown) => SchemaResult<Output>;
    /** For the type checker alone: what goes in and what comes out. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
  /** What the field type expects, in words that follow "must be": `a whole number`. */
  readonly expected: string;
}

/** Makes a field type of what it expects, what an empty text is, and a reader that gives undefined for what does not fit. */
export function createField<Output>(
  expected: string,
  empty: Output,
  read: (wire: string) => Output | undefined,
): Field<Output> {
  const refuse = (message: string): SchemaResult<never> => ({ issues: [{ message }] });
  return {
    expected,
    "~standard": {
      version: 1,
      vendor: "copernica-webhooks",
      validate(value) {
        if (value === undefined) return refuse(`missing, must be ${expected}`);
        if (value === "") return { value: empty };
        const output = typeof value === "string" ? read(value) : undefined;
        return output === undefined ? refuse(`must be ${expected}, got ${shapeOf(value)}`) : { value: output };
      },
    },
  };
}

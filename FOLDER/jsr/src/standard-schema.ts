/**
 * A schema in the sense of the Standard Schema specification, version 1 (standardschema.dev): a field type of
 * `copernica-webhooks/fields`, and equally a schema of zod, valibot or arktype. Declared here by its structure, so that no
 * library's types are part of this package's own.
 *
 * @typeParam Output What the schema turns a value into.
 */
export interface StandardSchema<Output = unknown> {
  /** What the specification asks a schema to have. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The name of the library that made the schema. */
    readonly vendor: string;
    /** Turns a value of any kind into the schema's output, or says why it can't. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the type checker alone: what goes in and what comes out. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a schema makes of a value: the output, or the issues that keep it from being one. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One reason why a value does not fit a schema. */
export interface SchemaIssue {
  /** The reason, in words. */
  readonly message: string;
  /** Where in the value the reason lies; absent or empty for the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

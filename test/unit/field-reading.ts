import { expect } from "vitest";
import type { Field } from "../../src/fields.ts";

/** What the field type makes of a text; a text that does not fit fails the test. */
export function read<Output>(field: Field<Output>, wire: unknown): Output {
  const result = field["~standard"].validate(wire);
  if (result.issues !== undefined) throw new Error(result.issues.map(({ message }) => message).join());
  return result.value;
}

/** Why the field type refuses a value; a value that fits fails the test. */
export function refusal(field: Field<unknown>, wire: unknown): string {
  const result = field["~standard"].validate(wire);
  if (result.issues === undefined) throw new Error(`${JSON.stringify(wire)} was read as ${String(result.value)}`);
  expect(result.issues).toHaveLength(1);
  return result.issues[0]?.message ?? "";
}

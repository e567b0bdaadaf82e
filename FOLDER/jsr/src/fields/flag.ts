import { createField, type Field } from "./field.ts";

/** The longest text that {@link flag} knows, in characters. */
const MAX_FLAG_LENGTH = 5;

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["0", false],
  ["false", false],
  ["no", false],
  ["nee", false],
  ["off", false],
  ["1", true],
  ["true", true],
  ["yes", true],
  ["ja", true],
  ["on", true],
]);

/**
 * A yes or no, kept in a field of any type of Copernica's, as it has none for it: `1`, `true`, `yes`, `ja` and `on` are
 * `true`; `0`, `false`, `no`, `nee`, `off` and an empty text are `false`; upper or lower case is the same.
 *
 * @returns The field type.
 */
export function flag(): Field<boolean> {
  return createField<boolean>("yes or no, as 1, true, yes, ja or on, or as 0, false, no, nee or off", false, (wire) =>
    wire.length <= MAX_FLAG_LENGTH ? FLAGS.get(wire.toLowerCase()) : undefined,
  );
}

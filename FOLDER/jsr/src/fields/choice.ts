import { InvalidOptionError } from "../errors.ts";
import { text } from "../options/readers.ts";
import { createField, type Field } from "./field.ts";

/** How many of its choices a select field names in {@link Field.expected}; an answer is no place for hundreds. */
const MAX_NAMED_CHOICES = 10;

/**
 * A field with a choice of texts, Copernica's type `select`: one of the choices, upper and lower case told apart, with or
 * without spaces around it. An empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @typeParam Choices The choices, inferred.
 * @param choices The texts to choose from, without the `*` that marks the default in Copernica; at least one, none empty.
 * @returns The field type.
 * @throws {InvalidOptionError} There are no choices, or one of them is not a text or is empty.
 *
 * @example
 * ```ts
 * import { database } from "copernica-webhooks";
 * import { select } from "copernica-webhooks/fields";
 *
 * database(12, {
 *   fields: { status: select("prospect", "customer") },
 *   onProfileCreate(event) {
 *     if (event.fields.status === "customer") console.log("welcome"); // "prospect" | "customer" | null
 *   },
 * });
 * ```
 */
export function select<const Choices extends readonly [string, ...string[]]>(
  ...choices: Choices
): Field<Choices[number] | null> {
  if (choices.length === 0) throw new InvalidOptionError("select() needs its choices: name at least one.");
  const known = new Map<string, Choices[number]>(choices.map((choice) => [text(choice, "select: a choice"), choice]));
  const expected = describeChoices([...known.keys()]);
  return createField<Choices[number] | null>(expected, null, (wire) => known.get(wire) ?? known.get(wire.trim()));
}

function describeChoices(choices: readonly string[]): string {
  const named = choices.slice(0, MAX_NAMED_CHOICES).map((choice) => JSON.stringify(choice));
  const more = choices.length - named.length;
  if (more > 0) return `one of ${named.join(", ")} or ${more} more`;
  return named.length === 1 ? named.join() : `one of ${named.join(", ")}`;
}

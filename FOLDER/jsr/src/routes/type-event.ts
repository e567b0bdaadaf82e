import { InvalidOptionError } from "../errors.ts";
import type { WebhookEvent } from "../events/event.ts";
import { InvalidFieldsError } from "./error.ts";
import type { FieldTypes } from "./field-types.ts";
import { createFieldsReader } from "./read-fields.ts";
import { isSchema } from "./schema.ts";

/**
 * Gives an event the types of a route. Rejects with an `InvalidFieldsError` if its fields do not fit, and with whatever a
 * schema throws.
 *
 * @internal
 */
export type TypeEvent = (event: WebhookEvent) => Promise<WebhookEvent>;

/** What a route says of its events. */
interface RouteTypes {
  readonly fields: FieldTypes | undefined;
  readonly unknownFields: "ignore" | "reject";
  readonly interests?: readonly string[] | undefined;
}

/**
 * Makes the function that gives an event the types of its route; undefined if the route has none.
 *
 * @throws {InvalidOptionError} If `unknownFields` is given with nothing that names the known ones.
 */
export function createEventTyper(
  owner: string,
  { fields: types, unknownFields, interests }: RouteTypes,
): TypeEvent | undefined {
  if (unknownFields === "reject" && (types === undefined || isSchema(types))) {
    const remedy =
      types === undefined ? "name the known ones in fields" : "let the schema reject what it does not know";
    throw new InvalidOptionError(`${owner}: unknownFields is for a map of fields; ${remedy}.`);
  }
  if (types === undefined && interests === undefined) return undefined;
  const readFields = types === undefined ? undefined : createFieldsReader(types, unknownFields);
  return async (event) => {
    const typed: { [variable: string]: unknown } = { ...event };
    if (interests !== undefined && "interests" in event) {
      typed.interests = Object.fromEntries(interests.map((name) => [name, event.interests[name] === true]));
    }
    if (readFields !== undefined && "fields" in event && event.fields !== undefined) {
      const { output, faults, issues } = await readFields(event.fields);
      if (faults.length > 0) throw new InvalidFieldsError(faults, event, { cause: issues });
      typed.fields = output;
    }
    return typed as unknown as WebhookEvent; // for the callback alone, whose own type says what its fields are
  };
}

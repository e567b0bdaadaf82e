/**
 * Writes the source of a database's route, with a field type for each of its fields, from Copernica's own description of it.
 *
 * @example
 * ```ts
 * import { generateRoutes } from "copernica-webhooks/generate";
 *
 * const description = { ID: 12, name: "Customers", fields: { data: [{ name: "age", type: "integer" }], total: 1 } };
 * console.log(generateRoutes(description)); // to be saved as customers.ts
 * ```
 *
 * @module
 */

export type {
  CollectionDescription,
  DatabaseDescription,
  FieldDescription,
  IdentifiedDescription,
  InterestDescription,
  ListDescription,
  PageDescription,
} from "./generate/description.ts";
export { InvalidDescriptionError } from "./generate/error.ts";
export { generateRoutes } from "./generate/source.ts";

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

export { InvalidDescriptionError } from "./generate/error.ts";
export {
  type CollectionDescription,
  type DatabaseDescription,
  type FieldDescription,
  generateRoutes,
  type IdentifiedDescription,
  type InterestDescription,
  type ListDescription,
  type PageDescription,
} from "./generate/generate.ts";

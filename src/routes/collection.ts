import type { WebhookContext } from "../context.ts";
import { wholeNumber } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import { type CallbackWith, makeCallbackReaders, type RoutedCallbacks } from "./callbacks.ts";
import { type FieldOptions, makeFieldReaders } from "./field-types.ts";
import type { CollectionRoute } from "./route.ts";
import { createEventTyper } from "./type-event.ts";

/** The options of {@link collection}: what its fields are, and its callbacks. */
export type CollectionOptions<Types, Context> = FieldOptions<Types> &
  Pick<RoutedCallbacks<Types, string, Context>, CallbackWith<"collection">>;

/**
 * Makes the route of a collection: events of its subprofiles go to these callbacks, their fields typed.
 *
 * @param id The id of the collection at Copernica.
 * @param options Its fields and callbacks.
 * @returns The route, for the option `collections` of its database.
 * @throws {InvalidOptionError} If an option can't be used or is misspelled.
 *
 * @example
 * ```ts
 * import { collection, database } from "copernica-webhooks";
 * import { flag, text } from "copernica-webhooks/fields";
 *
 * database(12, {
 *   collections: [
 *     collection(3, {
 *       fields: { orderId: text(), paid: flag() },
 *       onSubprofileCreate(event) {
 *         if (event.fields.paid) console.log(event.fields.orderId);
 *       },
 *     }),
 *   ],
 * });
 * ```
 */
export function collection<const Types extends object | undefined = undefined, Context = WebhookContext>(
  id: number,
  options: CollectionOptions<Types, Context>,
): CollectionRoute<Context> {
  const owner = `collection(${id})`;
  const { fields, unknownFields, ...callbacks } = settleOptions(owner, options, {
    ...makeFieldReaders(),
    ...makeCallbackReaders<Context>("collection"),
  });
  return {
    collection: wholeNumber()(id, `${owner}: the id`),
    callbacks,
    typeEvent: createEventTyper(owner, { fields, unknownFields }),
  };
}

/** Whether something is what {@link collection} makes. */
export function isCollectionRoute(route: unknown): boolean {
  return typeof route === "object" && route !== null && "collection" in route && "callbacks" in route;
}

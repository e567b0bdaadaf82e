import { wholeNumber } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import { type CallbackWith, callbackReaders, type ErasedCallbacks, type RoutedCallbacks } from "./callbacks.ts";
import { type FieldOptions, fieldReaders } from "./field-types.ts";
import { createEventTyper, type TypeEvent } from "./type-event.ts";

/** The options of {@link collection}: what its fields are, and its callbacks. */
export type CollectionOptions<Types, Platform extends readonly unknown[]> = FieldOptions<Types> &
  Pick<RoutedCallbacks<Types, string, Platform>, CallbackWith<"collection">>;

/** The route of a collection's events, made with {@link collection}. */
export interface CollectionRoute<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The id of the collection. */
  readonly collection: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Platform>;
  /** Gives an event the types of the route; undefined if it has none of its own. */
  readonly typeEvent: TypeEvent | undefined;
}

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
export function collection<
  const Types extends object | undefined = undefined,
  Platform extends readonly unknown[] = readonly unknown[],
>(id: number, options: CollectionOptions<Types, Platform>): CollectionRoute<Platform> {
  const owner = `collection(${id})`;
  const { fields, unknownFields, ...callbacks } = settleOptions(owner, options, {
    ...fieldReaders,
    ...callbackReaders<Platform>("collection"),
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

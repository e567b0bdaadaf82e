import { listOf, optional, wholeNumber, withDefault } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import {
  type CallbackWith,
  callbackReaders,
  type ErasedCallbacks,
  type RoutedCallbacks,
  type WebhookCallbacks,
} from "./callbacks.ts";
import { type CollectionRoute, isCollectionRoute } from "./collection.ts";
import { type FieldOptions, fieldReaders } from "./field-types.ts";
import { createEventTyper, type TypeEvent } from "./type-event.ts";

/**
 * The options of {@link database}: what its fields and interests are, its collections, and its callbacks. Callbacks for
 * subprofiles are for collections without a route of their own.
 */
export type DatabaseOptions<
  Types,
  Interest extends string,
  Platform extends readonly unknown[],
> = FieldOptions<Types> & {
  /**
   * The names of the interests that the callbacks of this route see in `event.interests`; one that was not sent is `false`.
   * Without it, they see all that were sent.
   */
  readonly interests?: readonly Interest[] | undefined;
  /** The routes of the database's collections. */
  readonly collections?: readonly CollectionRoute<NoInfer<Platform>>[] | undefined;
} & Pick<RoutedCallbacks<Types, NoInfer<Interest>, Platform>, CallbackWith<"database", "collection">> &
  Pick<WebhookCallbacks<Platform>, CallbackWith<"collection">>;

/** The route of a database's events, made with {@link database}. */
export interface DatabaseRoute<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The id of the database. */
  readonly database: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Platform>;
  /** The routes of its collections. */
  readonly collections: readonly CollectionRoute<Platform>[];
  /** Gives an event of a profile the types of the route; undefined if it has none of its own. */
  readonly typeEvent: TypeEvent | undefined;
}

/**
 * Makes the route of a database: events of its profiles go to these callbacks, their fields and interests typed.
 *
 * @param id The id of the database at Copernica.
 * @param options Its fields, interests, collections and callbacks.
 * @returns The route, for the option `databases` of `createWebhookHandler`.
 * @throws {InvalidOptionError} If an option can't be used or is misspelled.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, database } from "copernica-webhooks";
 * import { email, integer } from "copernica-webhooks/fields";
 *
 * createWebhookHandler({
 *   account: 1234,
 *   databases: [
 *     database(12, {
 *       fields: { email: email(), age: integer() },
 *       interests: ["newsletter"],
 *       onProfileCreate(event) {
 *         if (event.interests.newsletter) console.log(event.fields.email, event.fields.age);
 *       },
 *     }),
 *   ],
 * });
 * ```
 */
export function database<
  const Types extends object | undefined = undefined,
  const Interest extends string = string,
  Platform extends readonly unknown[] = readonly unknown[],
>(id: number, options: DatabaseOptions<Types, Interest, Platform>): DatabaseRoute<Platform> {
  const owner = `database(${id})`;
  const { fields, unknownFields, interests, collections, ...callbacks } = settleOptions(owner, options, {
    ...fieldReaders,
    interests: optional(listOf<string>((name) => typeof name === "string", "names")),
    collections: withDefault(() => [], listOf<CollectionRoute<Platform>>(isCollectionRoute, "what collection() makes")),
    ...callbackReaders<Platform>("database"),
  });
  return {
    database: wholeNumber()(id, `${owner}: the id`),
    callbacks,
    collections,
    typeEvent: createEventTyper(owner, { fields, unknownFields, interests }),
  };
}

/** Whether something is what {@link database} makes. */
export function isDatabaseRoute(route: unknown): boolean {
  return typeof route === "object" && route !== null && "database" in route && "callbacks" in route;
}

import type { WebhookContext } from "../context.ts";
import { listOf, optional, wholeNumber, withDefault } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import { type CallbackWith, makeCallbackReaders, type RoutedCallbacks, type WebhookCallbacks } from "./callbacks.ts";
import { isCollectionRoute } from "./collection.ts";
import { type FieldOptions, makeFieldReaders } from "./field-types.ts";
import type { CollectionRoute, DatabaseRoute } from "./route.ts";
import { createRouter } from "./router.ts";
import { createEventTyper } from "./type-event.ts";

/**
 * The options of {@link database}: what its fields and interests are, its collections, and its callbacks. Callbacks for
 * subprofiles are for collections without a route of their own.
 */
export type DatabaseOptions<Types, Interest extends string, Context> = FieldOptions<Types> & {
  /**
   * The names of the interests that the callbacks of this route see in `event.interests`; one that was not sent is `false`.
   * Without it, they see all that were sent.
   */
  readonly interests?: readonly Interest[] | undefined;
  /** The routes of the database's collections. */
  readonly collections?: readonly CollectionRoute<NoInfer<Context>>[] | undefined;
} & Pick<RoutedCallbacks<Types, NoInfer<Interest>, Context>, CallbackWith<"database", "collection">> &
  Pick<WebhookCallbacks<Context>, CallbackWith<"collection">>;

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
  Context = WebhookContext,
>(id: number, options: DatabaseOptions<Types, Interest, Context>): DatabaseRoute<Context> {
  const owner = `database(${id})`;
  const { fields, unknownFields, interests, collections, ...callbacks } = settleOptions(owner, options, {
    ...makeFieldReaders(),
    interests: optional(listOf<string>((name) => typeof name === "string", "names")),
    collections: withDefault(() => [], listOf<CollectionRoute<Context>>(isCollectionRoute, "what collection() makes")),
    ...makeCallbackReaders<Context>("database"),
  });
  return {
    database: wholeNumber()(id, `${owner}: the id`),
    callbacks,
    collections,
    typeEvent: createEventTyper(owner, { fields, unknownFields, interests }),
    createRouter,
  };
}

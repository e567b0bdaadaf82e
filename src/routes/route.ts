import type { WebhookContext } from "../context.ts";
import type { WebhookEvent } from "../events/event.ts";
import type { CallbackName } from "../events/map.ts";
import type { ErasedCallback, ErasedCallbacks } from "./callbacks.ts";
import type { TypeEvent } from "./type-event.ts";

/** The route of a collection's events, made with {@link collection}. */
export interface CollectionRoute<Context = WebhookContext> {
  /** The id of the collection. */
  readonly collection: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Context>;
  /** Gives an event the types of the route; undefined if it has none of its own. */
  readonly typeEvent: TypeEvent | undefined;
}

/** The route of a database's events, made with {@link database}. */
export interface DatabaseRoute<Context = WebhookContext> {
  /** The id of the database. */
  readonly database: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Context>;
  /** The routes of its collections. */
  readonly collections: readonly CollectionRoute<Context>[];
  /** Gives an event of a profile the types of the route; undefined if it has none of its own. */
  readonly typeEvent: TypeEvent | undefined;
  /**
   * Makes the router of several databases. Each route brings it along, so that a handler without routes has no code for them.
   *
   * @throws {InvalidOptionError} If two routes are for the same database or collection.
   */
  readonly createRouter: <Shared>(databases: readonly DatabaseRoute<Shared>[]) => Router<Shared>;
}

/**
 * Finds the callback of a route for an event: that of its collection, else that of its database; undefined if there is neither.
 *
 * @internal
 */
export type Router<Context> = (event: WebhookEvent, name: CallbackName) => Handling<Context> | undefined;

/**
 * A callback with the function that gives its event the types it was promised.
 *
 * @internal
 */
export interface Handling<Context> {
  /** The callback; undefined if there is none. */
  readonly callback: ErasedCallback<Context> | undefined;
  /** Gives the event its types; undefined if it has them. */
  readonly typeEvent?: TypeEvent | undefined;
}

/** Whether something is what {@link database} makes. */
export function isDatabaseRoute(route: unknown): boolean {
  return typeof route === "object" && route !== null && "createRouter" in route;
}

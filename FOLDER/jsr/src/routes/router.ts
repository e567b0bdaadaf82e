import { InvalidOptionError } from "../errors.ts";
import type { WebhookEvent } from "../events/event.ts";
import { type CallbackName, callbackNames, type EventName, events } from "../events/map.ts";
import type { ErasedCallback, ErasedCallbacks } from "./callbacks.ts";
import type { CollectionRoute } from "./collection.ts";
import type { DatabaseRoute } from "./database.ts";
import type { TypeEvent } from "./type-event.ts";

/** A callback with the function that gives its event the types it was promised. */
export interface Handling<Platform extends readonly unknown[]> {
  /** The callback. */
  readonly callback: ErasedCallback<Platform>;
  /** Gives the event its types; undefined if it has them. */
  readonly typeEvent: TypeEvent | undefined;
}

/**
 * Finds the callback for an event: that of its collection, else that of its database, else the general one; undefined if
 * there is none of these.
 */
export type Router<Platform extends readonly unknown[]> = (event: WebhookEvent) => Handling<Platform> | undefined;

/**
 * Makes the router of a handler.
 *
 * @throws {InvalidOptionError} If two routes are for the same database or collection.
 */
export function createRouter<Platform extends readonly unknown[]>(
  general: ErasedCallbacks<Platform>,
  databases: readonly DatabaseRoute<Platform>[],
): Router<Platform> {
  const databaseRoutes = new Map<number, DatabaseRoute<Platform>>();
  const collectionRoutes = new Map<number, { route: CollectionRoute<Platform>; parent: DatabaseRoute<Platform> }>();
  for (const parent of databases) {
    if (databaseRoutes.has(parent.database)) throw repeatedRoute(`database(${parent.database})`);
    databaseRoutes.set(parent.database, parent);
    for (const route of parent.collections) {
      if (collectionRoutes.has(route.collection)) throw repeatedRoute(`collection(${route.collection})`);
      collectionRoutes.set(route.collection, { route, parent });
    }
  }
  return (event) => {
    const name = callbackByEvent[event.name];
    const found = "collection" in event ? collectionRoutes.get(event.collection) : undefined;
    // A deleted subprofile may come without its database; its collection says which one it was.
    const databaseId = "database" in event ? event.database : found?.parent.database;
    if (found !== undefined && found.parent.database === databaseId) {
      const callback = found.route.callbacks[name];
      if (callback !== undefined) return { callback, typeEvent: found.route.typeEvent };
    }
    const route = databaseId === undefined ? undefined : databaseRoutes.get(databaseId);
    const callback = route?.callbacks[name];
    if (route !== undefined && callback !== undefined) {
      return { callback, typeEvent: "collection" in event ? undefined : route.typeEvent };
    }
    const fallback = general[name];
    return fallback === undefined ? undefined : { callback: fallback, typeEvent: undefined };
  };
}

function repeatedRoute(route: string): InvalidOptionError {
  return new InvalidOptionError(`There are two routes ${route}; put its callbacks into one.`);
}

/** The name of the callback for each event. */
const callbackByEvent = Object.fromEntries(callbackNames.map((name) => [events[name].name, name])) as {
  readonly [Name in EventName]: CallbackName;
}; // the map of events, turned around

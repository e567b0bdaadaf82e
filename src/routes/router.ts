import { InvalidOptionError } from "../errors.ts";
import type { CollectionRoute, DatabaseRoute, Router } from "./route.ts";

/**
 * Makes the router of several databases.
 *
 * @throws {InvalidOptionError} If two routes are for the same database or collection.
 */
export function createRouter<Context>(databases: readonly DatabaseRoute<Context>[]): Router<Context> {
  const databaseRoutes = new Map<number, DatabaseRoute<Context>>();
  const collectionRoutes = new Map<number, { route: CollectionRoute<Context>; parent: DatabaseRoute<Context> }>();
  for (const parent of databases) {
    if (databaseRoutes.has(parent.database)) refuseRepetition(`database(${parent.database})`);
    databaseRoutes.set(parent.database, parent);
    for (const route of parent.collections) {
      if (collectionRoutes.has(route.collection)) refuseRepetition(`collection(${route.collection})`);
      collectionRoutes.set(route.collection, { route, parent });
    }
  }
  return (event, name) => {
    const found = "collection" in event ? collectionRoutes.get(event.collection) : undefined;
    // A deleted subprofile may come without its database; its collection says which one it was.
    const databaseId = "database" in event ? event.database : found?.parent.database;
    if (found !== undefined && found.parent.database === databaseId) {
      const callback = found.route.callbacks[name];
      if (callback !== undefined) return { callback, typeEvent: found.route.typeEvent };
    }
    const route = databaseId === undefined ? undefined : databaseRoutes.get(databaseId);
    const callback = route?.callbacks[name];
    if (route === undefined || callback === undefined) return undefined;
    return { callback, typeEvent: "collection" in event ? undefined : route.typeEvent };
  };
}

function refuseRepetition(route: string): never {
  throw new InvalidOptionError(`There are two routes ${route}; put its callbacks into one.`);
}

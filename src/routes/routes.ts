import { type Fault, InvalidOptionError } from "../errors.ts";
import {
  type CallbackName,
  callbackNames,
  type EventFor,
  type Events,
  events,
  type Fields,
  type Interests,
  type WebhookEvent,
} from "../events/events.ts";
import type { WebhookContext } from "../handler/context.ts";
import { callback, listOf, oneOf, optional, wholeNumber, withDefault } from "../options/readers.ts";
import { invalidOption, type OptionReader, settleOptions } from "../options/settle.ts";
import { shapeOf } from "../shape.ts";
import type { SchemaIssue, StandardSchema } from "../standard-schema.ts";
import { InvalidFieldsError } from "./error.ts";

/** A struct of superstruct, by its structure. */
export interface StructSchema<Output = unknown> {
  /** Makes the struct's type of a value, or throws. */
  readonly create: (value: unknown) => Output;
  /** Makes the struct's type of a value, or says what keeps it from being one. */
  readonly validate: (
    value: unknown,
    options: { coerce?: boolean },
  ) => readonly [StructFailures | undefined, unknown] | readonly [StructFailures, undefined];
}

/** What keeps a value from being a struct's type. */
export interface StructFailures {
  /** Every failure. */
  readonly failures: () => readonly { readonly path: readonly PropertyKey[] }[];
}

/** What reads fields: a field type of `copernica-webhooks/fields`, any Standard Schema, or a struct of superstruct. */
export type FieldSchema = StandardSchema | StructSchema;

/** The field types of a database or collection: a schema for each field by its name, or one for all of them. */
export type FieldTypes = FieldSchema | { readonly [field: string]: FieldSchema };

/** What a callback sees of fields with these types. */
export type FieldsOf<Types> = Types extends FieldSchema
  ? OutputOf<Types>
  : Types extends object
    ? { readonly [Field in keyof Types]: OutputOf<Types[Field]> }
    : Fields;

/**
 * What a schema turns a value into.
 *
 * @internal
 */
type OutputOf<Schema> = Schema extends StandardSchema
  ? NonNullable<Schema["~standard"]["types"]>["output"]
  : Schema extends StructSchema<infer Output>
    ? Output
    : never;

/**
 * Asks of each field in a map that it has a schema. Beside the map's own type, not as its constraint: so a field without one
 * is one error, at that field, and the other fields keep their types.
 *
 * @internal
 */
type SchemaOfEach<Types> = Types extends FieldSchema
  ? unknown
  : { readonly [Field in keyof Types]: Types[Field] extends FieldSchema ? unknown : FieldSchema };

/** An event whose fields and interests have types of their own. */
export type RoutedEvent<Event, Types, Interest extends string> = {
  readonly [Variable in keyof Event]: Variable extends "fields"
    ? FieldsOf<Types>
    : Variable extends "interests"
      ? InterestsOf<Interest>
      : Event[Variable];
};

/**
 * Interests with these names; with names that are not known, as many as there are.
 *
 * @internal
 */
type InterestsOf<Interest extends string> = string extends Interest
  ? Interests
  : { readonly [Name in Interest]: boolean };

/**
 * The names of the callbacks whose events have one variable and lack another.
 *
 * @internal
 */
type CallbackWith<Variable extends string, Without extends string = never> = {
  [Callback in CallbackName]: Variable extends keyof Events[Callback]["variables"]
    ? Without & keyof Events[Callback]["variables"] extends never
      ? Callback
      : never
    : never;
}[CallbackName];

/**
 * A callback for events of one type.
 *
 * @internal
 */
type CallbackFunction<Event, Platform extends readonly unknown[]> = (
  event: Event,
  context: WebhookContext<Platform>,
) => unknown;

/** What a route does with the fields of its events. */
export interface FieldOptions<Types> {
  /**
   * What the callbacks of this route see as `event.fields`. Without it, the fields are texts.
   *
   * A field that is named here and that is missing or does not fit makes the answer 422; `onError` gets the event. Of an
   * event that comes without any fields, as deletions may, `fields` stays undefined.
   */
  readonly fields?: Types & SchemaOfEach<Types>;
  /**
   * Whether fields that `fields` does not name are passed over (they stay in `event.raw`), or make the answer 422. Only
   * where `fields` is a map; one schema for all fields decides that itself.
   *
   * @default "ignore"
   */
  readonly unknownFields?: "ignore" | "reject";
}

/** The options of {@link collection}: what its fields are, and its callbacks. */
export type CollectionOptions<Types, Platform extends readonly unknown[]> = FieldOptions<Types> & {
  readonly [Callback in CallbackWith<"collection">]?: CallbackFunction<
    RoutedEvent<EventFor<Callback>, Types, string>,
    Platform
  >;
};

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
  readonly interests?: readonly Interest[];
  /** The routes of the database's collections. */
  readonly collections?: readonly CollectionRoute<NoInfer<Platform>>[];
} & {
  readonly [Callback in CallbackWith<"database", "collection">]?: CallbackFunction<
    RoutedEvent<EventFor<Callback>, Types, NoInfer<Interest>>,
    Platform
  >;
} & {
  readonly [Callback in CallbackWith<"collection">]?: CallbackFunction<EventFor<Callback>, Platform>;
};

/**
 * Gives an event the types of a route.
 *
 * @internal
 */
type ReadEvent = (event: WebhookEvent) => Promise<WebhookEvent>;

/**
 * A callback whose event's type was checked where it was given, and is not known here any more.
 *
 * @internal
 */
type ErasedCallback<Platform extends readonly unknown[]> = (event: never, context: WebhookContext<Platform>) => unknown;

/**
 * Callbacks by their names, the types of their events no longer known.
 *
 * @internal
 */
export type ErasedCallbacks<Platform extends readonly unknown[]> = {
  readonly [Callback in CallbackName]?: ErasedCallback<Platform> | undefined;
};

/** The route of a collection's events, made with {@link collection}. */
export interface CollectionRoute<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The id of the collection. */
  readonly collection: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Platform>;
  /** Gives an event the types of the route; undefined where it has none of its own. */
  readonly readEvent: ReadEvent | undefined;
}

/** The route of a database's events, made with {@link database}. */
export interface DatabaseRoute<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The id of the database. */
  readonly database: number;
  /** The callbacks. */
  readonly callbacks: ErasedCallbacks<Platform>;
  /** The routes of its collections. */
  readonly collections: readonly CollectionRoute<Platform>[];
  /** Gives an event of a profile the types of the route; undefined where it has none of its own. */
  readonly readEvent: ReadEvent | undefined;
}

/**
 * Makes the route of a database: events of its profiles go to these callbacks, their fields and interests typed.
 *
 * @param id The id of the database at Copernica.
 * @param options Its fields, interests, collections and callbacks.
 * @returns The route, for the option `databases` of `createWebhookHandler`.
 * @throws {InvalidOptionError} Where an option can't be used or is misspelled.
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
    ...FIELD_READERS,
    interests: optional(listOf<string>((name) => typeof name === "string", "names")),
    collections: withDefault(
      () => [],
      listOf<CollectionRoute<Platform>>((route) => isRoute(route, "collection"), "what collection() makes"),
    ),
    ...callbackReaders<Platform>("database"),
  });
  return {
    database: readId(id, `${owner}: the id`),
    callbacks,
    collections,
    readEvent: createEventTyper({ fields, unknownFields }, interests, owner),
  };
}

/**
 * Makes the route of a collection: events of its subprofiles go to these callbacks, their fields typed.
 *
 * @param id The id of the collection at Copernica.
 * @param options Its fields and callbacks.
 * @returns The route, for the option `collections` of its database.
 * @throws {InvalidOptionError} Where an option can't be used or is misspelled.
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
    ...FIELD_READERS,
    ...callbackReaders<Platform>("collection"),
  });
  return {
    collection: readId(id, `${owner}: the id`),
    callbacks,
    readEvent: createEventTyper({ fields, unknownFields }, undefined, owner),
  };
}

const readId = wholeNumber();

const readFieldTypes: OptionReader<object> = (given, option) => {
  if ((typeof given === "object" && given !== null) || typeof given === "function") return given;
  throw invalidOption(option, "a map of field names to schemas, or one schema", given);
};

const FIELD_READERS = {
  fields: optional(readFieldTypes),
  unknownFields: withDefault(() => "ignore" as const, oneOf("ignore", "reject")),
};

/** The readers of the callbacks whose events have a variable. */
function callbackReaders<Platform extends readonly unknown[]>(
  variable: string,
): { readonly [name: string]: OptionReader<ErasedCallback<Platform> | undefined> } {
  const names = callbackNames.filter((name) => variable in events[name].variables);
  return Object.fromEntries(names.map((name) => [name, optional(callback<ErasedCallback<Platform>>())]));
}

/** Whether something is a route, made with `database` or `collection`. */
export function isRoute(route: unknown, kind: "database" | "collection"): boolean {
  return typeof route === "object" && route !== null && kind in route && "callbacks" in route;
}

/** A callback with the function that gives its event the types it was promised; without a callback, nobody registered. */
interface Handling<Platform extends readonly unknown[]> {
  /** The callback. */
  readonly callback: ErasedCallback<Platform>;
  /** Gives the event its types; undefined where it has them. */
  readonly readEvent: ReadEvent | undefined;
}

/** Finds the callback for an event: that of its collection, else that of its database, else the general one. */
export type Router<Platform extends readonly unknown[]> = (event: WebhookEvent) => Handling<Platform> | undefined;

/**
 * Makes the router of a handler.
 *
 * @throws {InvalidOptionError} Where a route was not made with `database`, or two are for the same database or collection.
 */
export function createRouter<Platform extends readonly unknown[]>(
  general: ErasedCallbacks<Platform>,
  databases: readonly DatabaseRoute<Platform>[],
): Router<Platform> {
  const databaseRoutes = new Map<number, DatabaseRoute<Platform>>();
  const collectionRoutes = new Map<number, { route: CollectionRoute<Platform>; parent: DatabaseRoute<Platform> }>();
  for (const parent of databases) {
    if (databaseRoutes.has(parent.database)) throw twice(`database(${parent.database})`);
    databaseRoutes.set(parent.database, parent);
    for (const route of parent.collections) {
      if (collectionRoutes.has(route.collection)) throw twice(`collection(${route.collection})`);
      collectionRoutes.set(route.collection, { route, parent });
    }
  }
  return (event) => {
    const name = callbackOf[event.name];
    const found = "collection" in event ? collectionRoutes.get(event.collection) : undefined;
    // A deleted subprofile may come without its database; its collection says which one it was.
    const databaseId = "database" in event ? event.database : found?.parent.database;
    if (found !== undefined && found.parent.database === databaseId) {
      const callback = found.route.callbacks[name];
      if (callback !== undefined) return { callback, readEvent: found.route.readEvent };
    }
    const route = databaseId === undefined ? undefined : databaseRoutes.get(databaseId);
    const callback = route?.callbacks[name];
    if (route !== undefined && callback !== undefined) {
      return { callback, readEvent: "collection" in event ? undefined : route.readEvent };
    }
    const fallback = general[name];
    return fallback === undefined ? undefined : { callback: fallback, readEvent: undefined };
  };
}

function twice(route: string): InvalidOptionError {
  return new InvalidOptionError(`There are two routes ${route}; put its callbacks into one.`);
}

/** The name of the callback for each event. */
const callbackOf = Object.fromEntries(callbackNames.map((name) => [events[name].name, name])) as {
  readonly [Name in WebhookEvent["name"]]: CallbackName;
}; // the map of events, turned around

/** Makes the function that gives an event the types of its route, where the route has any. */
function createEventTyper(
  { fields: types, unknownFields = "ignore" }: FieldOptions<object | undefined>,
  interests: readonly string[] | undefined,
  owner: string,
): ReadEvent | undefined {
  if (types === undefined && unknownFields === "reject") {
    throw new InvalidOptionError(`${owner}: unknownFields is of use only with fields, which names the known ones.`);
  }
  if (types === undefined && interests === undefined) return undefined;
  const readFields = types === undefined ? undefined : createFieldsReader(types, unknownFields, owner);
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

interface FieldsReading {
  readonly output: unknown;
  readonly faults: readonly Fault[];
  readonly issues: unknown;
}

type FieldsReader = (fields: Fields) => Promise<FieldsReading>;

function createFieldsReader(types: object, unknownFields: "ignore" | "reject", owner: string): FieldsReader {
  if (isSchema(types)) {
    if (unknownFields === "reject") {
      throw new InvalidOptionError(
        `${owner}: unknownFields is for a map of fields; let the schema reject what it does not know.`,
      );
    }
    return (fields) => readAll(types, fields);
  }
  if (typeof types !== "object" || types === null) {
    throw new InvalidOptionError(`${owner}: fields must be a map of field types, or a schema.`);
  }
  const schemas = Object.entries<unknown>({ ...types }).map(([name, schema]) => {
    if (isSchema(schema)) return [name, schema] as const;
    throw new InvalidOptionError(`${owner}: fields.${name} must be a field type: text(), integer(), or a schema.`);
  });
  return (fields) => readEach(schemas, fields, unknownFields);
}

/** Reads the fields with one schema for all of them. */
async function readAll(schema: FieldSchema, fields: Fields): Promise<FieldsReading> {
  // A copy with a prototype, which schemas of plain objects expect.
  const { value, issues } = await validate(schema, { ...fields });
  if (issues === undefined) return { output: value, faults: [], issues };
  // Of a path the field's name alone: what lies deeper was in the field's value. No path: the fields as a whole.
  const names = new Set(issues.length > 0 ? issues.map(({ path }) => path?.map(pathKey)[0]) : [undefined]);
  const faults = [...names].map((name) => ({
    variable: name === undefined ? "fields" : `fields.${name}`,
    expected: SCHEMA_EXPECTATION,
    received: shapeOf(name === undefined ? fields : fields[name]),
  }));
  return { output: undefined, faults, issues };
}

/** Reads each field with its own schema. */
async function readEach(
  schemas: readonly (readonly [string, FieldSchema])[],
  fields: Fields,
  unknownFields: "ignore" | "reject",
): Promise<FieldsReading> {
  const output: { [field: string]: unknown } = Object.create(null);
  const faults: Fault[] = [];
  const found: SchemaIssue[] = [];
  for (const [name, schema] of schemas) {
    const result = validate(schema, fields[name]);
    const { value, issues } = "then" in result ? await result : result;
    if (issues === undefined) {
      output[name] = value;
    } else {
      found.push(...issues);
      faults.push({ variable: `fields.${name}`, expected: expectation(schema), received: shapeOf(fields[name]) });
    }
  }
  if (unknownFields === "reject") {
    const named = new Set(schemas.map(([name]) => name));
    for (const name of Object.keys(fields)) {
      if (!named.has(name))
        faults.push({ variable: `fields.${name}`, expected: "absent", received: shapeOf(fields[name]) });
    }
  }
  return { output, faults, issues: found };
}

type Validation = { readonly value?: unknown; readonly issues?: readonly SchemaIssue[] | undefined };

function validate(schema: FieldSchema, value: unknown): Validation | Promise<Validation> {
  if ("~standard" in schema) return schema["~standard"].validate(value);
  const [failures, output] = schema.validate(value, { coerce: true });
  return failures === undefined ? { value: output } : { issues: failures.failures().map(issueOf) };
}

/** A struct's failure without its message, which holds the value. */
function issueOf({ path }: { readonly path: readonly PropertyKey[] }): SchemaIssue {
  return { message: "The value does not fit the struct.", path };
}

/** What a schema expects: in its own words where they are ours, since others' words may hold the value. */
function expectation(schema: FieldSchema): string {
  return "expected" in schema && typeof schema.expected === "string" ? schema.expected : SCHEMA_EXPECTATION;
}

const SCHEMA_EXPECTATION = "what the schema of its route accepts";

function pathKey(key: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof key === "object" ? key.key : key);
}

function isSchema(value: unknown): value is FieldSchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  if ("~standard" in value) return hasFunction(value["~standard"], "validate");
  return hasFunction(value, "create") && hasFunction(value, "validate");
}

function hasFunction(owner: unknown, name: string): boolean {
  return typeof owner === "object" && owner !== null && typeof Reflect.get(owner, name) === "function";
}

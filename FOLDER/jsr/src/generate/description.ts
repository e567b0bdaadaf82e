import { InvalidDescriptionError } from "./error.ts";

/**
 * A database as Copernica's REST API describes it: what `GET database/$id` answers, or the same put together from
 * `database/$id/fields`, `database/$id/interests`, `database/$id/collections` and `collection/$id/fields`.
 *
 * Copernica's documentation: "GET database". Properties that are not named here may be there and are not looked at.
 */
export type DatabaseDescription = IdentifiedDescription & {
  /** The database's name: names the route in the generated source. */
  readonly name?: string | null | undefined;
  /** All fields of the database. */
  readonly fields: ListDescription<FieldDescription>;
  /** All interests of the database. */
  readonly interests?: ListDescription<InterestDescription> | null | undefined;
  /** All collections of the database. */
  readonly collections?: ListDescription<CollectionDescription> | null | undefined;
};

/** A collection as Copernica's REST API describes it. Copernica's documentation: "GET database collections". */
export type CollectionDescription = IdentifiedDescription & {
  /** The collection's name: names its options in the generated source. */
  readonly name?: string | null | undefined;
  /** All fields of the collection. */
  readonly fields: ListDescription<FieldDescription>;
};

/** The id of a database or collection: a number or its digits, under either of the names that Copernica's articles use. */
export type IdentifiedDescription =
  | {
      /** The id, as Copernica's REST API gives it. */
      readonly ID: number | string;
    }
  | {
      /** The id. */
      readonly id: number | string;
    };

/** A field as Copernica's REST API describes it. Copernica's documentation: "GET database fields". */
export interface FieldDescription {
  /** The field's name. */
  readonly name: string;
  /** The field's type: `integer`, `text`, `select` and so on. One that is not known here is read as text. */
  readonly type: string;
  /** The default value; for a `select` field its choices, one a line, the default marked with a `*` behind it. */
  readonly value?: string | number | boolean | null | undefined;
}

/** An interest as Copernica's REST API describes it. Copernica's documentation: "GET database interests". */
export interface InterestDescription {
  /** The interest's name. */
  readonly name: string;
}

/** A list as Copernica's REST API gives it, a page that holds all of its items; or just the items. */
export type ListDescription<Item> = readonly Item[] | PageDescription<Item>;

/** A page of a list. Copernica's documentation: "REST API: paging". */
export interface PageDescription<Item> {
  /** How many items come before this page. */
  readonly start?: number | string | null | undefined;
  /** How many items were asked for. */
  readonly limit?: number | string | null | undefined;
  /** How many items the list has in all; `false` or absent if the call did not ask for it. */
  readonly total?: number | string | false | null | undefined;
  /** The items. */
  readonly data: readonly Item[];
}

/** A field, as it was read. */
export interface DescribedField {
  readonly name: string;
  readonly type: string;
  readonly choices: readonly string[];
}

/** A collection, as it was read. */
export interface DescribedCollection {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly DescribedField[];
}

/** A database, as it was read. */
export interface DescribedDatabase extends DescribedCollection {
  readonly interests: readonly string[];
  readonly collections: readonly DescribedCollection[];
}

/**
 * Reads a description, trusting nothing of its form.
 *
 * @throws {InvalidDescriptionError} If it is not what Copernica documents, or a list in it is not whole.
 */
export function readDatabase(description: unknown): DescribedDatabase {
  const database = readCollection(description, "");
  const { interests, collections } = readObject(description, "");
  const described = {
    ...database,
    interests: [...new Set(isAbsent(interests) ? [] : readList(interests, "interests", readInterest))],
    collections: isAbsent(collections) ? [] : readList(collections, "collections", readCollection),
  };
  const repeated = firstRepeated(described.collections.map(({ id }) => id));
  if (repeated !== undefined) throw new InvalidDescriptionError("collections", `has collection ${repeated} twice`);
  return described;
}

function readCollection(value: unknown, path: string): DescribedCollection {
  const { ID, id, name, fields } = readObject(value, path);
  if (!isAbsent(name) && typeof name !== "string") throw mismatch("text", name, at(path, "name"));
  const described = {
    id: ID === undefined ? readId(id, at(path, "id")) : readId(ID, at(path, "ID")),
    name: name ?? "",
    fields: readList(fields, at(path, "fields"), readField),
  };
  const repeated = firstRepeated(described.fields.map((field) => field.name));
  if (repeated !== undefined) {
    throw new InvalidDescriptionError(at(path, "fields"), `has the field ${abridge(repeated)} twice`);
  }
  return described;
}

function readField(value: unknown, path: string): DescribedField {
  const { name, type, value: defaultValue } = readObject(value, path);
  if (typeof name !== "string" || name === "") throw mismatch("text that is not empty", name, at(path, "name"));
  if (typeof type !== "string" || type === "") throw mismatch("text that is not empty", type, at(path, "type"));
  return { name, type, choices: type === "select" ? readChoices(defaultValue, at(path, "value")) : [] };
}

function readChoices(value: unknown, path: string): readonly string[] {
  if (isAbsent(value)) return [];
  if (typeof value !== "string") throw mismatch("text, the choices one a line", value, path);
  const lines = value.split(/\r\n|\n|\r/);
  const choices = lines
    .map((line) => line.trim())
    .map((line) => (line.endsWith("*") ? line.slice(0, -1).trim() : line));
  return [...new Set(choices.filter((choice) => choice !== ""))];
}

function readInterest(value: unknown, path: string): string {
  const { name } = readObject(value, path);
  if (typeof name !== "string" || name === "") throw mismatch("text that is not empty", name, at(path, "name"));
  return name;
}

function readId(value: unknown, path: string): number {
  const id = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) return id;
  throw mismatch("a positive whole number", value, path);
}

function readList<Item>(list: unknown, path: string, readItem: (item: unknown, path: string) => Item): readonly Item[] {
  if (Array.isArray(list)) return list.map((item, index) => readItem(item, `${path}[${index}]`));
  if (typeof list !== "object" || list === null) throw mismatch("a list, or a page of one", list, path);
  const { start, limit, total, data } = readObject(list, path);
  if (!Array.isArray(data)) throw mismatch("a list", data, at(path, "data"));
  const before = readCount(start, at(path, "start")) ?? 0;
  const most = readCount(limit, at(path, "limit")) ?? Number.POSITIVE_INFINITY;
  const all = readCount(total, at(path, "total"));
  const remedy = "fetch the other pages and join their items";
  // Whoever joins pages may keep the first page or the last one for it: if the total is there, only the items count.
  if (all !== undefined && data.length < all) {
    throw new InvalidDescriptionError(path, `is not whole: it has ${data.length} of ${all} items; ${remedy}`);
  }
  if (all === undefined && (before > 0 || data.length >= most)) {
    const reason = before > 0 ? `starts behind item ${before}` : "has as many items as were asked for";
    throw new InvalidDescriptionError(path, `may not be whole: it ${reason} and names no total; ${remedy}`);
  }
  return data.map((item, index) => readItem(item, `${path}.data[${index}]`));
}

function readCount(value: unknown, path: string): number | undefined {
  if (isAbsent(value) || value === false) return undefined;
  const count = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) throw mismatch("a count", value, path);
  return count;
}

function readObject(value: unknown, path: string): { readonly [property: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw mismatch("an object", value, path);
  // Nothing is known of the properties, and that is what the type says.
  return value as { readonly [property: string]: unknown };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function firstRepeated<Item>(items: readonly Item[]): Item | undefined {
  const seen = new Set<Item>();
  return items.find((item) => seen.size === seen.add(item).size);
}

function mismatch(expected: string, value: unknown, path: string): InvalidDescriptionError {
  return new InvalidDescriptionError(path, `must be ${expected}, got ${abridge(value)}`);
}

/** How much of a text an error quotes, in characters. */
const MAX_QUOTED_LENGTH = 40;

/** A value in a few words: a description holds no personal data, and to see the offending item helps to find it. */
function abridge(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, MAX_QUOTED_LENGTH)) : String(value);
}

function at(path: string, property: string): string {
  return path === "" ? property : `${path}.${property}`;
}

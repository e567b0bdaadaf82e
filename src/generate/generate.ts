import { InvalidDescriptionError } from "./error.ts";

/**
 * A database as Copernica's REST API describes it: what `GET database/$id` answers, or the same put together from
 * `database/$id/fields`, `database/$id/interests`, `database/$id/collections` and `collection/$id/fields`.
 *
 * Copernica's documentation: "GET database". Properties that are not named here may be there and are not looked at.
 */
export type DatabaseDescription = IdentifiedDescription & {
  /** The database's name: names the route in the generated source. */
  readonly name?: string | null;
  /** All fields of the database. */
  readonly fields: ListDescription<FieldDescription>;
  /** All interests of the database. */
  readonly interests?: ListDescription<InterestDescription> | null;
  /** All collections of the database. */
  readonly collections?: ListDescription<CollectionDescription> | null;
};

/** A collection as Copernica's REST API describes it. Copernica's documentation: "GET database collections". */
export type CollectionDescription = IdentifiedDescription & {
  /** The collection's name: names its options in the generated source. */
  readonly name?: string | null;
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
  readonly value?: string | number | boolean | null;
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
  readonly start?: number | string | null;
  /** How many items were asked for. */
  readonly limit?: number | string | null;
  /** How many items the list has in all; `false` or absent where the call did not ask for it. */
  readonly total?: number | string | false | null;
  /** The items. */
  readonly data: readonly Item[];
}

/** Biome's and this package's own; what a project formats otherwise, its formatter changes. */
const LINE_WIDTH = 120;

/** A call's only argument moves to a new line along with the call when it is at most this wide. */
const SHORT_ARGUMENT_WIDTH = 30;

/** The longest a name becomes as an identifier, so that a line of identifiers never needs to be broken. */
const MAX_IDENTIFIER_LENGTH = 30;

/** How much of a text an error quotes, in characters. */
const MAX_QUOTE_LENGTH = 40;

/** Which function of `copernica-webhooks/fields` reads a field of which type of Copernica's. */
const FIELD_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ["integer", "integer"],
  ["float", "float"],
  ["date", "date"],
  ["empty_date", "emptyDate"],
  ["datetime", "datetime"],
  ["empty_datetime", "emptyDatetime"],
  ["text", "text"],
  ["email", "email"],
  ["phone_fax", "phone"],
  ["phone_gsm", "phone"],
  ["select", "select"],
  ["big", "bigText"],
  ["foreign_key", "foreignKey"],
]);

/** Names that a constant of a module can't have: reserved words, and those that TypeScript keeps for CommonJS. */
const RESERVED_WORDS =
  "arguments await break case catch class const continue debugger default delete do else enum eval export exports " +
  "extends false finally for function globalThis if implements import in instanceof interface let module new null " +
  "package private protected public require return static super switch this throw true try typeof undefined var void " +
  "while with yield";

/** Characters that a reader of the source can't see or can't tell from a space, or that reorder or break its lines. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Identifiers of Latin letters, which every version of every tool agrees on. */
const PLAIN_IDENTIFIER = /^[A-Za-z_$À-ÖØ-öø-ɏ][A-Za-z0-9_$À-ÖØ-öø-ɏ]*$/;

/** What is an identifier to tools that know its letters, and none to tools of an earlier version of Unicode. */
const DOUBTFUL_IDENTIFIER = /^(?![0-9])(?:[A-Za-z0-9_$]|[^\0-\x7f])+$/;

/** Characters that take no column of their own. */
const ZERO_WIDTH = /[\p{Mn}\p{Me}\u1160-\u11ff]/u;

/** Characters that take two columns: those of East Asian scripts and emoji. */
const DOUBLE_WIDTH =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|(?!\p{Regional_Indicator})\p{Emoji_Presentation}/u;

interface DescribedField {
  readonly name: string;
  readonly type: string;
  readonly choices: readonly string[];
}

interface DescribedCollection {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly DescribedField[];
}

interface DescribedDatabase extends DescribedCollection {
  readonly interests: readonly string[];
  readonly collections: readonly DescribedCollection[];
}

/**
 * Turns Copernica's own description of a database into the TypeScript source of its route, so that nobody types a hundred
 * fields. The source is a module of its own, formatted with two spaces and lines of at most 120 columns, to be committed as
 * it is and generated anew when the database changes. For a database named "Customers" it exports
 *
 * - `customersOptions`, with the field types and the names of the interests;
 * - `customersOrdersOptions` for each collection, here "Orders", with its field types;
 * - `customers`, the `database(…)` route of these, without callbacks.
 *
 * To add callbacks, spread the options: see the second example. A field of a type that is not known here is read as text,
 * with a comment that says so, and so is a `select` field without choices.
 *
 * @param description What `GET database/$id` of Copernica's REST API (version 4) answers, or the same put together from
 * `database/$id/fields` and its like. Every list in it must be whole: ask for `?limit=1000`, or join the pages.
 * @returns The source of a TypeScript module.
 * @throws {InvalidDescriptionError} The description is not what Copernica documents, or a list in it is not whole.
 *
 * @example
 * ```ts
 * import { generateRoutes } from "copernica-webhooks/generate";
 *
 * const response = await fetch("https://api.copernica.com/v4/database/12?access_token=…");
 * console.log(generateRoutes(await response.json())); // to be saved as customers.ts
 * ```
 *
 * @example
 * ```ts
 * import { collection, createWebhookHandler, database } from "copernica-webhooks";
 * import { email, integer, text } from "copernica-webhooks/fields";
 *
 * // In customers.ts, as generated:
 * const customersOptions = { fields: { email: email(), age: integer() } };
 * const customersOrdersOptions = { fields: { orderId: text() } };
 *
 * createWebhookHandler({
 *   account: 1234,
 *   databases: [
 *     database(12, {
 *       ...customersOptions,
 *       onProfileCreate(event) {
 *         console.log(event.fields.age);
 *       },
 *       collections: [
 *         collection(3, {
 *           ...customersOrdersOptions,
 *           onSubprofileCreate(event) {
 *             console.log(event.fields.orderId);
 *           },
 *         }),
 *       ],
 *     }),
 *   ],
 * });
 * ```
 */
export function generateRoutes(description: DatabaseDescription): string {
  const database = readDatabase(description);
  const named = new Set([...RESERVED_WORDS.split(" "), "collection", "database", ...FIELD_FUNCTIONS.values()]);
  const route = uniqueIdentifier(toIdentifier(database.name, `database${database.id}`), database.id, named);
  const options = uniqueIdentifier(`${route}Options`, database.id, named);
  const collections = database.collections.map((collection) => {
    const suffix = capitalized(toIdentifier(collection.name, `collection${collection.id}`));
    return { ...collection, options: uniqueIdentifier(`${route}${suffix}Options`, collection.id, named) };
  });

  const used = [database, ...collections].flatMap(({ fields }) => fields.map(fieldFunction));
  const fieldImports = [...new Set(used)].sort();
  const core = collections.length > 0 ? ["collection", "database"] : ["database"];
  const sections = [
    [`// Generated from Copernica's description of database ${database.id}: generate it anew instead of editing it.`],
    [
      ...importLines(core, "copernica-webhooks"),
      ...(fieldImports.length > 0 ? importLines(fieldImports, "copernica-webhooks/fields") : []),
    ],
    ...collections.map((collection) => [
      "/**",
      ` * Collection ${collection.id}${quoted(collection.name)}. With callbacks:`,
      ` * \`collection(${collection.id}, { ...${collection.options}, onSubprofileCreate(event) {} })\``,
      " */",
      `export const ${collection.options} = {`,
      ...fieldLines(collection.fields),
      "};",
    ]),
    [
      "/**",
      ` * Database ${database.id}${quoted(database.name)}. With callbacks:`,
      ` * \`database(${database.id}, { ...${options}, onProfileCreate(event) {} })\``,
      " */",
      `export const ${options} = {`,
      ...fieldLines(database.fields),
      ...interestLines(database.interests),
      "};",
    ],
    [
      `/** The route of database ${database.id}${quoted(database.name)}, without callbacks. */`,
      `export const ${route} = database(${database.id}, {`,
      `  ...${options},`,
      ...collectionLines(collections),
      "});",
    ],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function readDatabase(description: unknown): DescribedDatabase {
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
  if (!isAbsent(name) && typeof name !== "string") throw notA("text", name, at(path, "name"));
  const described = {
    id: ID === undefined ? readId(id, at(path, "id")) : readId(ID, at(path, "ID")),
    name: name ?? "",
    fields: readList(fields, at(path, "fields"), readField),
  };
  const repeated = firstRepeated(described.fields.map((field) => field.name));
  if (repeated !== undefined) {
    throw new InvalidDescriptionError(at(path, "fields"), `has the field ${abridged(repeated)} twice`);
  }
  return described;
}

function readField(value: unknown, path: string): DescribedField {
  const { name, type, value: defaultValue } = readObject(value, path);
  if (typeof name !== "string" || name === "") throw notA("text that is not empty", name, at(path, "name"));
  if (typeof type !== "string" || type === "") throw notA("text that is not empty", type, at(path, "type"));
  return { name, type, choices: type === "select" ? readChoices(defaultValue, at(path, "value")) : [] };
}

function readChoices(value: unknown, path: string): readonly string[] {
  if (isAbsent(value)) return [];
  if (typeof value !== "string") throw notA("text, the choices one a line", value, path);
  const lines = value.split(/\r\n|\n|\r/);
  const choices = lines
    .map((line) => line.trim())
    .map((line) => (line.endsWith("*") ? line.slice(0, -1).trim() : line));
  return [...new Set(choices.filter((choice) => choice !== ""))];
}

function readInterest(value: unknown, path: string): string {
  const { name } = readObject(value, path);
  if (typeof name !== "string" || name === "") throw notA("text that is not empty", name, at(path, "name"));
  return name;
}

function readId(value: unknown, path: string): number {
  const id = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) return id;
  throw notA("a positive whole number", value, path);
}

function readList<Item>(list: unknown, path: string, readItem: (item: unknown, path: string) => Item): readonly Item[] {
  if (Array.isArray(list)) return list.map((item, index) => readItem(item, `${path}[${index}]`));
  if (typeof list !== "object" || list === null) throw notA("a list, or a page of one", list, path);
  const { start, limit, total, data } = readObject(list, path);
  if (!Array.isArray(data)) throw notA("a list", data, at(path, "data"));
  const before = readCount(start, at(path, "start")) ?? 0;
  const most = readCount(limit, at(path, "limit")) ?? Number.POSITIVE_INFINITY;
  const all = readCount(total, at(path, "total"));
  const remedy = "fetch the other pages and join their items";
  // Whoever joins pages may keep the first page or the last one for it: where the total is there, only the items count.
  if (all !== undefined && data.length < all) {
    throw new InvalidDescriptionError(path, `is not whole: it has ${data.length} of ${all} items; ${remedy}`);
  }
  if (all === undefined && (before > 0 || data.length >= most)) {
    const doubt = before > 0 ? `starts behind item ${before}` : "has as many items as were asked for";
    throw new InvalidDescriptionError(path, `may not be whole: it ${doubt} and names no total; ${remedy}`);
  }
  return data.map((item, index) => readItem(item, `${path}.data[${index}]`));
}

function readCount(value: unknown, path: string): number | undefined {
  if (isAbsent(value) || value === false) return undefined;
  const count = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) throw notA("a count", value, path);
  return count;
}

function readObject(value: unknown, path: string): { readonly [property: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw notA("an object", value, path);
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

function notA(expected: string, value: unknown, path: string): InvalidDescriptionError {
  return new InvalidDescriptionError(path, `must be ${expected}, got ${abridged(value)}`);
}

/** A value in a few words: a description holds no personal data, and to see the offending item helps to find it. */
function abridged(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, MAX_QUOTE_LENGTH)) : String(value);
}

function at(path: string, property: string): string {
  return path === "" ? property : `${path}.${property}`;
}

/** The name of the function that reads a field: text for a type that is not known, and for a choice without choices. */
function fieldFunction({ type, choices }: DescribedField): string {
  return (type === "select" && choices.length === 0 ? undefined : FIELD_FUNCTIONS.get(type)) ?? "text";
}

function importLines(names: readonly string[], module: string): readonly string[] {
  const line = `import { ${names.join(", ")} } from "${module}";`;
  return line.length <= LINE_WIDTH ? [line] : ["import {", ...names.map((name) => `  ${name},`), `} from "${module}";`];
}

function fieldLines(fields: readonly DescribedField[]): readonly string[] {
  return fields.length === 0 ? ["  fields: {},"] : ["  fields: {", ...fields.flatMap(propertyLines), "  },"];
}

function interestLines(interests: readonly string[]): readonly string[] {
  return interests.length === 0 ? [] : brokenList("  interests: [", interests.map(literal), "] as const,");
}

function collectionLines(collections: readonly { readonly id: number; readonly options: string }[]): readonly string[] {
  const calls = collections.map(({ id, options }) => `collection(${id}, ${options})`);
  return calls.length === 0 ? [] : brokenList("  collections: [", calls, "],");
}

function propertyLines(field: DescribedField): readonly string[] {
  const call = fieldFunction(field);
  const choices = field.choices.map(literal);
  const key = propertyKey(field.name);
  return [...remarkLines(field), ...callLines(`    ${key}: `, call, choices)];
}

function remarkLines({ type, choices }: DescribedField): readonly string[] {
  if (type === "select" && choices.length === 0) return ["    // This choice has no choices: it is read as text."];
  if (FIELD_FUNCTIONS.has(type)) return [];
  return [`    // Copernica's type ${inComment(type)} is not known here: it is read as text.`];
}

/** A property whose value is a call, broken where Biome breaks it: the arguments first, and behind the colon if it must. */
function callLines(start: string, call: string, items: readonly string[]): readonly string[] {
  const flat = `${start}${call}(${items.join(", ")}),`;
  if (columns(flat) <= LINE_WIDTH) return [flat];
  const [only = ""] = items;
  const staysWhole = items.length === 0 || (items.length === 1 && columns(only) <= SHORT_ARGUMENT_WIDTH);
  if (!staysWhole && columns(`${start}${call}(`) <= LINE_WIDTH) return brokenItems(`${start}${call}(`, items, "),");
  return [start.trimEnd(), ...brokenList(`      ${call}(`, items, "),")];
}

/** A list on one line, or on one line an item where that is too long. */
function brokenList(start: string, items: readonly string[], end: string): readonly string[] {
  const flat = `${start}${items.join(", ")}${end}`;
  return columns(flat) <= LINE_WIDTH ? [flat] : brokenItems(start, items, end);
}

function brokenItems(start: string, items: readonly string[], end: string): readonly string[] {
  const indent = " ".repeat(start.length - start.trimStart().length);
  return [start, ...items.map((item) => `${indent}  ${item},`), `${indent}${end}`];
}

/**
 * A property's name as it stands in an object: quoted where it must be, and computed where it would set the prototype or
 * where Biome might take the quotes away.
 */
function propertyKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  if (PLAIN_IDENTIFIER.test(name)) return name;
  const key = literal(name);
  return DOUBTFUL_IDENTIFIER.test(key.slice(1, -1)) ? `[${key}]` : key;
}

/** A text as a literal, in the quotes that need fewer escapes. */
function literal(text: string): string {
  const quote = text.split('"').length > text.split("'").length ? "'" : '"';
  let inner = "";
  for (const character of text) inner += character === quote ? `\\${quote}` : readable(character);
  return `${quote}${inner}${quote}`;
}

function readable(character: string): string {
  const escaped = ESCAPES.get(character);
  if (escaped !== undefined || !UNREADABLE.test(character)) return escaped ?? character;
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

/** A text in quotes that can't end the comment that it stands in. */
function inComment(text: string): string {
  return literal(text).replaceAll("*/", "*\\/");
}

function quoted(name: string): string {
  return name === "" ? "" : `, ${inComment(name)}`;
}

/** How many columns a line takes, as a formatter counts them. */
function columns(line: string): number {
  let count = 0;
  for (const character of line) {
    if (character <= "~") count += 1;
    else if (!ZERO_WIDTH.test(character)) count += DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return count;
}

/** A name in camel case and in ASCII: `Klanten & relaties` becomes `klantenRelaties`. */
function toIdentifier(name: string, fallback: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .split(/[^A-Za-z0-9]+/);
  const [first = "", ...others] = words.filter((word) => word !== "");
  const start =
    first === first.toUpperCase() ? first.toLowerCase() : `${first.slice(0, 1).toLowerCase()}${first.slice(1)}`;
  const camelCase = `${start}${others.map(capitalized).join("")}`.slice(0, MAX_IDENTIFIER_LENGTH);
  return /^[a-z]/.test(camelCase) ? camelCase : fallback;
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** The identifier itself where nothing has it yet, else with the id behind it. */
function uniqueIdentifier(wanted: string, id: number, named: Set<string>): string {
  const name = named.has(wanted) ? `${wanted}${id}` : wanted;
  named.add(name);
  return name;
}

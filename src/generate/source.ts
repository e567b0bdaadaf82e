import { type DatabaseDescription, type DescribedField, readDatabase } from "./description.ts";
import { capitalize, nameConstant, RESERVED_WORDS, toIdentifier } from "./identifier.ts";
import { writeComment, writeKey, writeText } from "./literal.ts";

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

/**
 * Turns Copernica's own description of a database into the TypeScript source of its route, so that no one types a hundred
 * fields. The source is a module of its own, one item a line, so that a change in the database is a change of a line; let
 * your formatter do the rest. Commit it, and generate it anew when the database changes. For a database named "Customers" it
 * exports
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
 * @throws {InvalidDescriptionError} If the description is not what Copernica documents, or a list in it is not whole.
 *
 * @example
 * ```ts
 * import { generateRoutes } from "copernica-webhooks/generate";
 *
 * const accessToken = "…"; // made in Copernica's dashboard; exchanged for a token that is valid for a day
 * const exchange = await fetch("https://authenticate.copernica.com", {
 *   method: "POST",
 *   body: new URLSearchParams({ access_token: accessToken }),
 * });
 * const response = await fetch("https://api.copernica.com/v4/database/12", {
 *   headers: { authorization: `Bearer ${await exchange.text()}` },
 * });
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
  const taken = new Set([...RESERVED_WORDS.split(" "), "collection", "database", ...FIELD_FUNCTIONS.values()]);
  const route = nameConstant(toIdentifier(database.name, `database${database.id}`), database.id, taken);
  const options = nameConstant(`${route}Options`, database.id, taken);
  const collections = database.collections.map((collection) => {
    const suffix = capitalize(toIdentifier(collection.name, `collection${collection.id}`));
    return { ...collection, options: nameConstant(`${route}${suffix}Options`, collection.id, taken) };
  });
  const fields = [database, ...collections].flatMap((list) => list.fields);
  const functions = [...new Set(fields.map(chooseFunction))].sort();
  const calls = collections.map((collection) => `collection(${collection.id}, ${collection.options})`);
  const core = collections.length > 0 ? ["collection", "database"] : ["database"];
  const sections = [
    [`// Generated from Copernica's description of database ${database.id}: generate it anew instead of editing it.`],
    [
      ...writeList("import {", core, '} from "copernica-webhooks";'),
      ...writeList("import {", functions, '} from "copernica-webhooks/fields";'),
    ],
    ...collections.map((collection) => [
      "/**",
      ` * Collection ${collection.id}${appendName(collection.name)}. With callbacks:`,
      ` * \`collection(${collection.id}, { ...${collection.options}, onSubprofileCreate(event) {} })\``,
      " */",
      `export const ${collection.options} = {`,
      ...indent(writeFields(collection.fields)),
      "};",
    ]),
    [
      "/**",
      ` * Database ${database.id}${appendName(database.name)}. With callbacks:`,
      ` * \`database(${database.id}, { ...${options}, onProfileCreate(event) {} })\``,
      " */",
      `export const ${options} = {`,
      ...indent(writeFields(database.fields)),
      ...indent(writeList("interests: [", database.interests.map(writeText), "] as const,")),
      "};",
    ],
    [
      `/** The route of database ${database.id}${appendName(database.name)}, without callbacks. */`,
      `export const ${route} = database(${database.id}, {`,
      `  ...${options},`,
      ...indent(writeList("collections: [", calls, "],")),
      "});",
    ],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** The name of the function that reads a field: text if its type is not known, or if it is a choice without choices. */
function chooseFunction({ type, choices }: DescribedField): string {
  return (type === "select" && choices.length === 0 ? undefined : FIELD_FUNCTIONS.get(type)) ?? "text";
}

function writeFields(fields: readonly DescribedField[]): readonly string[] {
  if (fields.length === 0) return ["fields: {},"];
  return ["fields: {", ...indent(fields.flatMap(writeField)), "},"];
}

function writeField(field: DescribedField): readonly string[] {
  const { name, type, choices } = field;
  const call = `${writeKey(name)}: ${chooseFunction(field)}(`;
  if (choices.length > 0) return writeList(call, choices.map(writeText), "),");
  if (type === "select") return ["// This choice has no choices: it is read as text.", `${call}),`];
  if (FIELD_FUNCTIONS.has(type)) return [`${call}),`];
  return [`// Copernica's type ${writeComment(type)} is not known here: it is read as text.`, `${call}),`];
}

/** A list, one item a line; nothing at all if it is empty. */
function writeList(start: string, items: readonly string[], end: string): readonly string[] {
  return items.length === 0 ? [] : [start, ...indent(items.map((item) => `${item},`)), end];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function appendName(name: string): string {
  return name === "" ? "" : `, ${writeComment(name)}`;
}

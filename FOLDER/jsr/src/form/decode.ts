import { RequestError } from "../errors.ts";
import {
  assignByName,
  assignFlat,
  assignNested,
  type Growth,
  MAX_DEPTH,
  MAX_MAPS,
  startGrowth,
  tooDeep,
  tooManyMaps,
} from "./assign.ts";
import { emptyTree, type FormTree, type GrowingTree } from "./tree.ts";
import { endOfPart, FLAT, ODD, type UnescapedPart, unescapePart } from "./unescape.ts";

/** The most variables in a body. Over it, the body is refused. */
export const MAX_VARIABLES = 10_000;

/** The longest name of a variable, in UTF-16 code units, its keys included. Over it, the body is refused. */
export const MAX_KEY_LENGTH = 4_096;

/**
 * Decodes a form body (`application/x-www-form-urlencoded`) to a tree, exactly as PHP's `parse_str` reads it: brackets
 * nest, `[]` appends, a repeated name overwrites, dots and spaces in a top-level name become `_`. What is no valid
 * percent-escape stays as it is, what is no valid UTF-8 becomes U+FFFD. Takes time and memory linear in the body.
 *
 * @param body The bytes received, or their text.
 * @returns The tree; its objects have no prototype, so a key may be `__proto__`.
 * @throws {RequestError} Over {@link MAX_DEPTH}, {@link MAX_MAPS}, {@link MAX_VARIABLES} or {@link MAX_KEY_LENGTH}.
 *
 * @example
 * ```ts
 * import { decodeForm } from "copernica-webhooks";
 *
 * decodeForm("type=create&fields[email]=a%40example.com"); // { type: "create", fields: { email: "a@example.com" } }
 * ```
 */
export function decodeForm(body: Uint8Array | string): FormTree {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const growth = startGrowth();
  let variables = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = endOfPart(bytes, start);
    const part = unescapePart(bytes.subarray(start, end));
    variables += assignPart(growth, part, MAX_VARIABLES - variables);
    start = end + 1;
  }
  return growth.tree;
}

/** Gives the variables of a part their values. Returns how many there are. */
function assignPart(growth: Growth, { text, marks }: UnescapedPart, mostVariables: number): number {
  let variables = 0;
  for (let start = 0; start < text.length; variables += 1) {
    if (variables === mostVariables) throw tooManyVariables();
    const bracket = marks[3 * variables] ?? FLAT;
    const nameEnd = marks[3 * variables + 1] ?? 0;
    const end = marks[3 * variables + 2] ?? 0;
    if (nameEnd - start > MAX_KEY_LENGTH) throw keyTooLong();
    const value = text.slice(nameEnd + 1, end);
    if (bracket === FLAT) assignFlat(growth, text.slice(start, nameEnd), value);
    else if (bracket === ODD) assignByName(growth, text.slice(start, nameEnd), value);
    else assignNested(growth, text, start, bracket, nameEnd, value);
    start = end + 1;
  }
  return variables;
}

/**
 * Decodes a JSON body to the tree that its form encoding would give: numbers become text, booleans `1` and `0`, lists maps
 * with the keys `0`, `1`, …; nulls and empty maps and lists are left out, as a form leaves them out.
 *
 * @throws {RequestError} Where it is no JSON object, or over one of the bounds of {@link decodeForm}.
 */
export function decodeJson(body: Uint8Array | string): FormTree {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  if (hasTooManyMaps(text)) throw tooManyMaps();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RequestError("undecodable_body", "The body is not valid JSON.", { cause });
  }
  if (!isKeyed(value) || Array.isArray(value))
    throw new RequestError("undecodable_body", "The body must be a JSON object.");
  return treeOf(value, 0, { variables: 0 });
}

const QUOTE = 34;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACE = 123;

/** Counts the maps and lists of JSON before it is parsed: on some engines that alone would take seconds and gigabytes. */
function hasTooManyMaps(json: string): boolean {
  let maps = 0;
  let quoted = false;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted && code === BACKSLASH) index += 1;
    else if (!quoted && (code === BRACE || code === BRACKET)) maps += 1;
  }
  // The body itself is one that its form encoding does not count.
  return maps > MAX_MAPS + 1;
}

function treeOf(map: Keyed, depth: number, count: { variables: number }): FormTree {
  if (depth > MAX_DEPTH) throw tooDeep();
  // Before their keys are made, since those of a long list take long.
  if (Array.isArray(map) && map.length > MAX_VARIABLES) throw tooManyVariables();
  const keys = Object.keys(map);
  count.variables += keys.length;
  if (count.variables > MAX_VARIABLES) throw tooManyVariables();
  const tree = emptyTree();
  for (const key of keys) {
    if (key.length > MAX_KEY_LENGTH) throw keyTooLong();
    const value: unknown = map[key];
    if (typeof value === "string") tree[key] = value;
    else if (typeof value === "number") tree[key] = String(value);
    else if (typeof value === "boolean") tree[key] = value ? "1" : "0";
    else if (isKeyed(value)) {
      const child = treeOf(value, depth + 1, count);
      if (!isEmpty(child)) tree[key] = child as GrowingTree; // just made here, so nobody else holds it
    }
  }
  return tree;
}

/** An object or a list. */
interface Keyed {
  readonly [key: string]: unknown;
}

function isKeyed(value: unknown): value is Keyed {
  return typeof value === "object" && value !== null;
}

function isEmpty(tree: FormTree): boolean {
  for (const _ in tree) return false;
  return true;
}

function tooManyVariables(): RequestError {
  return new RequestError("undecodable_body", `The body has more than ${MAX_VARIABLES} variables.`);
}

function keyTooLong(): RequestError {
  return new RequestError(
    "undecodable_body",
    `A variable of the body has a name of more than ${MAX_KEY_LENGTH} characters.`,
  );
}

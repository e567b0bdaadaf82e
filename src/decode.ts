import { assign, emptyTree, type GrowingTree, MAX_DEPTH, type NextIndexes, tooDeep } from "./assign.ts";
import { UndecodableBodyError } from "./errors.ts";
import { unescapeForm } from "./unescape.ts";

/** The most variables in a body. Over it, the body is refused. */
export const MAX_VARIABLES = 10_000;

/** The longest name of a variable, in UTF-16 code units, its keys included. Over it, the body is refused. */
export const MAX_KEY_LENGTH = 4_096;

/** What a variable holds: text, or variables of its own. On the wire every value is text. */
export type FormValue = string | FormTree;

/** A decoded body, or a part of it: key → value, without a prototype. Lists have the keys `0`, `1`, … */
export interface FormTree {
  /** What the variable of this name holds. */
  readonly [key: string]: FormValue;
}

/**
 * Decodes a form body (`application/x-www-form-urlencoded`) to a tree, exactly as PHP's `parse_str` reads it: brackets
 * nest, `[]` appends, a repeated name overwrites, dots and spaces in a top-level name become `_`. What is no valid
 * percent-escape stays as it is, what is no valid UTF-8 becomes U+FFFD. Takes time and memory linear in the body.
 *
 * @param body The bytes received, or their text.
 * @returns The tree; its objects have no prototype, so a key may be `__proto__`.
 * @throws {UndecodableBodyError} Over {@link MAX_DEPTH}, {@link MAX_VARIABLES} or {@link MAX_KEY_LENGTH}.
 *
 * @example
 * ```ts
 * import { decodeForm } from "copernica-webhooks";
 *
 * decodeForm("type=create&fields[email]=a%40example.com"); // { type: "create", fields: { email: "a@example.com" } }
 * ```
 */
export function decodeForm(body: Uint8Array | string): FormTree {
  const { marks, textBetween } = unescapeForm(typeof body === "string" ? new TextEncoder().encode(body) : body);
  const tree = emptyTree();
  const nextIndexes: NextIndexes = new Map();
  let variables = 0;
  for (let index = 0; index < marks.length; index += 3) {
    const [start = 0, equals = -1, end = 0] = [marks[index], marks[index + 1], marks[index + 2]];
    if (end === start) continue;
    variables += 1;
    if (variables > MAX_VARIABLES) throw tooManyVariables();
    const name = textBetween(start, equals === -1 ? end : equals);
    if (name.length > MAX_KEY_LENGTH) throw keyTooLong();
    assign(tree, name, equals === -1 ? "" : textBetween(equals + 1, end), nextIndexes);
  }
  return tree;
}

/**
 * Decodes a JSON body to the tree that its form encoding would give: numbers become text, booleans `1` and `0`, lists maps
 * with the keys `0`, `1`, …; nulls and empty maps and lists are left out, as a form leaves them out.
 *
 * @throws {UndecodableBodyError} Where it is no JSON object, or over one of the bounds of {@link decodeForm}.
 */
export function decodeJson(body: Uint8Array | string): FormTree {
  let value: unknown;
  try {
    value = JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  } catch (cause) {
    throw new UndecodableBodyError("The body is not valid JSON.", { cause });
  }
  if (!isMap(value)) throw new UndecodableBodyError("The body must be a JSON object.");
  return treeOf(value, 0, { variables: 0 });
}

function treeOf(map: object, depth: number, count: { variables: number }): FormTree {
  if (depth > MAX_DEPTH) throw tooDeep();
  const tree = emptyTree();
  for (const [key, value] of Object.entries(map)) {
    if (key.length > MAX_KEY_LENGTH) throw keyTooLong();
    count.variables += 1;
    if (count.variables > MAX_VARIABLES) throw tooManyVariables();
    if (typeof value === "string") tree[key] = value;
    else if (typeof value === "number") tree[key] = String(value);
    else if (typeof value === "boolean") tree[key] = value ? "1" : "0";
    else if (value !== null) {
      const child = treeOf(value, depth + 1, count);
      if (!isEmpty(child)) tree[key] = child as GrowingTree; // just made here, so nobody else holds it
    }
  }
  return tree;
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(tree: FormTree): boolean {
  for (const _ in tree) return false;
  return true;
}

function tooManyVariables(): UndecodableBodyError {
  return new UndecodableBodyError(`The body has more than ${MAX_VARIABLES} variables.`);
}

function keyTooLong(): UndecodableBodyError {
  return new UndecodableBodyError(`A variable of the body has a name of more than ${MAX_KEY_LENGTH} characters.`);
}

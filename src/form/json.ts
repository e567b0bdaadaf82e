import { RequestError } from "../errors.ts";
import {
  keyTooLong,
  MAX_DEPTH,
  MAX_KEY_LENGTH,
  MAX_MAPS,
  MAX_VARIABLES,
  tooDeep,
  tooManyMaps,
  tooManyVariables,
} from "./bounds.ts";
import { emptyTree, type FormTree, type GrowingTree } from "./tree.ts";

/**
 * Decodes a JSON body to the tree that its form encoding would give: numbers become text, booleans `1` and `0`,
 * lists maps with the keys `0`, `1`, …; nulls and empty maps and lists are left out, as a form leaves them out. A number that
 * JavaScript can't hold, such as `9007199254740993` or `1e999`, keeps its text.
 *
 * @param json The text of the body.
 * @throws {RequestError} `undecodable_body`: it is no JSON object, or over one of the bounds of a form.
 */
export function decodeJson(json: string): FormTree {
  const prepared = quoteNumbers(json);
  let value: unknown;
  try {
    value = JSON.parse(json);
    if (prepared !== json) value = JSON.parse(prepared);
  } catch (cause) {
    throw new RequestError("undecodable_body", "The body is not valid JSON.", { cause });
  }
  if (!isKeyed(value) || Array.isArray(value))
    throw new RequestError("undecodable_body", "The body must be a JSON object.");
  return treeOf(value, 0, { variables: 0 });
}

const QUOTE = 34;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACE = 123;

/** What JSON has for a number, from where one starts. */
const NUMBER = /[-+.\de]+/iy;

/**
 * Quotes the numbers that JavaScript can't hold, in what is JSON. Counts the maps and lists besides, before they are parsed: on
 * some engines that alone would take seconds and gigabytes.
 */
function quoteNumbers(json: string): string {
  let quoted = "";
  /** Where what is not in that yet begins. */
  let rest = 0;
  let maps = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index);
    if (code === QUOTE) isText = !isText;
    else if (isText) index += code === BACKSLASH ? 1 : 0;
    else if (code === BRACE || code === BRACKET) maps += 1;
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = index;
      const [number = ""] = NUMBER.exec(json) ?? [];
      if (!canHold(number)) {
        quoted += `${json.slice(rest, index)}"${number}"`;
        rest = index + number.length;
      }
      index += number.length - 1;
    }
  }
  // The body itself is one that its form encoding does not count.
  if (maps > MAX_MAPS + 1) throw tooManyMaps();
  return quoted + json.slice(rest);
}

/** The most characters of which every number, within the range below, is worth the same as what JavaScript writes for it. */
const EXACT_LENGTH = 15;
const LARGEST = 1e290;
const SMALLEST = 1e-290;

/** Whether JavaScript holds a number for what it is; a long one only if it writes it just so. */
function canHold(number: string): boolean {
  const held = Number(number);
  if (number.length > EXACT_LENGTH) return String(held) === number;
  return held === 0 ? !/[1-9]/.test(number) : Math.abs(held) < LARGEST && Math.abs(held) > SMALLEST;
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

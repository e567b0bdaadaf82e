import { UndecodableBodyError } from "./errors.ts";

/** The most levels of keys in a variable, as in PHP: `a[b][c]` has 2. Over it, the body is refused. */
export const MAX_DEPTH = 64;

/** A tree while it is decoded. */
export interface GrowingTree {
  [key: string]: string | GrowingTree;
}

const SPACE = 32;

/** The index that `[]` takes next, for each tree in which it was used. */
export type NextIndexes = Map<GrowingTree, bigint>;

/** Gives a variable its value, as PHP reads its name: `fields[email]`, `interests[]`, `a[b][c]`. */
export function assign(tree: GrowingTree, rawName: string, value: string, nextIndexes: NextIndexes): void {
  const name = trimmed(rawName);
  const opening = name.indexOf("[");
  if (name === "" || opening === 0) return;
  const nested = opening !== -1 && name.indexOf("]", opening) !== -1;
  const base = nested ? name.slice(0, opening) : name;
  let key = mangled(base);
  if (key !== base && FORGED.test(key) && !FORGED.test(base)) return;
  if (!nested) {
    set(tree, key, value, nextIndexes);
    return;
  }
  let node = tree;
  let depth = 0;
  let position = opening;
  while (name.charAt(position) === "[") {
    depth += 1;
    if (depth > MAX_DEPTH) throw tooDeep();
    const start = position + 1;
    const closing = name.indexOf("]", start);
    if (closing === -1) break;
    node = descend(node, key, nextIndexes);
    if (closing === start || (closing === start + 1 && isSpace(name.charCodeAt(start)))) {
      const next = nextIndex(node, nextIndexes);
      if (next === undefined) return;
      key = next;
    } else {
      key = name.slice(start, closing);
    }
    position = closing + 1;
  }
  set(node, key, value, nextIndexes);
}

/** PHP ends a name at NUL, and drops the spaces before it. */
function trimmed(name: string): string {
  let start = 0;
  while (name.charCodeAt(start) === SPACE) start += 1;
  const end = name.indexOf("\0", start);
  if (end !== -1) return name.slice(start, end);
  return start === 0 ? name : name.slice(start);
}

/** PHP replaces what its variables can't be named with. */
function mangled(name: string): string {
  return /[ .[]/.test(name) ? name.replace(/[ .[]/g, "_") : name;
}

/** PHP drops a variable whose name is one of these only once it is mangled: they protect cookies. */
const FORGED = /^__(?:Host|Secure)-/;

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13);
}

function descend(node: GrowingTree, key: string, nextIndexes: NextIndexes): GrowingTree {
  const child = node[key];
  if (typeof child === "object") return child;
  const created = emptyTree();
  set(node, key, created, nextIndexes);
  return created;
}

function set(node: GrowingTree, key: string, value: string | GrowingTree, nextIndexes: NextIndexes): void {
  node[key] = value;
  const next = nextIndexes.size > 0 ? nextIndexes.get(node) : undefined;
  if (next === undefined) return;
  const index = indexOf(key);
  if (index !== undefined && index >= next) nextIndexes.set(node, index + 1n);
}

/** The key that `[]` stands for: one more than the highest so far; undefined where PHP has no higher one. */
function nextIndex(node: GrowingTree, nextIndexes: NextIndexes): string | undefined {
  let next = nextIndexes.get(node);
  if (next === undefined) {
    let highest: bigint | undefined;
    for (const key in node) {
      const index = indexOf(key);
      if (index !== undefined && (highest === undefined || index > highest)) highest = index;
    }
    next = highest === undefined ? 0n : highest + 1n;
    nextIndexes.set(node, next);
  }
  return next > MAX_INDEX ? undefined : String(next);
}

const MAX_INDEX = 2n ** 63n - 1n;

/** The integer that PHP takes a key for, or undefined where it stays text: `08`, `-0`, what exceeds 64 bits. */
function indexOf(key: string): bigint | undefined {
  const code = key.charCodeAt(0);
  if (key.length > 20 || !(code === 45 || (code >= 48 && code <= 57)) || !/^(?:0|-?[1-9]\d*)$/.test(key))
    return undefined;
  const index = BigInt(key);
  return index > MAX_INDEX || index < -MAX_INDEX - 1n ? undefined : index;
}

/** Without a prototype, so that no key, `__proto__` among them, means anything. */
export function emptyTree(): GrowingTree {
  return Object.create(null);
}

/** The error for a variable that is nested too deeply. */
export function tooDeep(): UndecodableBodyError {
  return new UndecodableBodyError(`A variable of the body has more than ${MAX_DEPTH} levels of keys.`);
}

import { UndecodableBodyError } from "./errors.ts";

/** The most levels of keys in a variable, as in PHP: `a[b][c]` has 2. Over it, the body is refused. */
export const MAX_DEPTH = 64;

/**
 * The most maps and lists in a body: `a[b][c]=1` makes two. Over it, the body is refused: a map takes up to some thousand
 * times the memory of the bytes that make it.
 */
export const MAX_MAPS = 1_000;

/** A tree while it is decoded. */
export interface GrowingTree {
  [key: string]: string | GrowingTree;
}

const SPACE = 32;
const OPENING = 91;
const CLOSING = 93;

/** A tree while it grows, and what is remembered from one variable to the next. */
export interface Growth {
  /** The tree. */
  readonly tree: GrowingTree;
  /** The index that `[]` takes next, for each map in which it was used. */
  readonly nextIndexes: Map<GrowingTree, bigint>;
  /** How many maps there are. */
  maps: number;
  /** Where the names and values of the variables stand, without escapes. */
  text: string;
  /** Whether there is a NUL anywhere in the text. */
  hasNul: boolean;
  /** The first key of the variable before and its bracket, `fields[`, where `map` is what it leads to; else empty. */
  prefix: string;
  /** The map that the variable before went into, where `prefix` leads to it. */
  map: GrowingTree;
}

/** An empty tree, to which variables are to be added. */
export function startGrowth(): Growth {
  const tree = emptyTree();
  return { tree, nextIndexes: new Map(), maps: 0, text: "", hasNul: false, prefix: "", map: tree };
}

/** Says where the variables stand that come next. */
export function growFrom(growth: Growth, text: string): void {
  growth.text = text;
  growth.hasNul = text.includes("\0");
  growth.prefix = "";
}

/** Gives a variable its value, as PHP reads its name, which stands in the text: `fields[email]`, `interests[]`, `a[b][c]`. */
export function assign(growth: Growth, start: number, end: number, value: string): void {
  const { text, prefix, map } = growth;
  const keyStart = start + prefix.length;
  const last = end - 1;
  // The variables of a map come one after the other: most names differ from the one before in their last key alone. A key
  // of one character may be a space, which PHP takes for none.
  if (
    prefix !== "" &&
    last - keyStart > 1 &&
    text.charCodeAt(last) === CLOSING &&
    text.startsWith(prefix, start) &&
    text.indexOf("]", keyStart) === last
  ) {
    set(growth, map, text.slice(keyStart, last), value);
  } else {
    growth.prefix = "";
    assignByName(growth, text.slice(start, end), value);
  }
}

function assignByName(growth: Growth, rawName: string, value: string): void {
  const name = trimmed(rawName, growth.hasNul);
  const opening = name.indexOf("[");
  if (name === "" || opening === 0) return;
  const nested = opening !== -1 && name.indexOf("]", opening) !== -1;
  const base = nested ? name.slice(0, opening) : name;
  let key = mangled(base);
  if (key !== base && FORGED.test(key) && !FORGED.test(base)) return;
  if (!nested) {
    set(growth, growth.tree, key, value);
    return;
  }
  let map = growth.tree;
  let depth = 0;
  let position = opening;
  while (name.charCodeAt(position) === OPENING) {
    depth += 1;
    if (depth > MAX_DEPTH) throw tooDeep();
    const start = position + 1;
    const closing = name.indexOf("]", start);
    if (closing === -1) break;
    map = descend(growth, map, key);
    if (closing === start || (closing === start + 1 && isSpace(name.charCodeAt(start)))) {
      const next = nextIndex(growth, map);
      if (next === undefined) return;
      key = next;
    } else {
      key = name.slice(start, closing);
    }
    position = closing + 1;
  }
  set(growth, map, key, value);
  if (depth === 1 && name === rawName && !growth.hasNul) {
    growth.prefix = name.slice(0, opening + 1);
    growth.map = map;
  }
}

/** PHP ends a name at NUL, and drops the spaces before it. */
function trimmed(name: string, hasNul: boolean): string {
  let start = 0;
  while (name.charCodeAt(start) === SPACE) start += 1;
  const end = hasNul ? name.indexOf("\0", start) : -1;
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

function descend(growth: Growth, map: GrowingTree, key: string): GrowingTree {
  const child = map[key];
  if (typeof child === "object") return child;
  growth.maps += 1;
  if (growth.maps > MAX_MAPS) throw tooManyMaps();
  const created = emptyTree();
  set(growth, map, key, created);
  return created;
}

function set({ nextIndexes }: Growth, map: GrowingTree, key: string, value: string | GrowingTree): void {
  map[key] = value;
  const next = nextIndexes.size > 0 ? nextIndexes.get(map) : undefined;
  if (next === undefined) return;
  const index = indexOf(key);
  if (index !== undefined && index >= next) nextIndexes.set(map, index + 1n);
}

/** The key that `[]` stands for: one more than the highest so far; undefined where PHP has no higher one. */
function nextIndex({ nextIndexes }: Growth, map: GrowingTree): string | undefined {
  let next = nextIndexes.get(map);
  if (next === undefined) {
    let highest: bigint | undefined;
    for (const key in map) {
      const index = indexOf(key);
      if (index !== undefined && (highest === undefined || index > highest)) highest = index;
    }
    next = highest === undefined ? 0n : highest + 1n;
    nextIndexes.set(map, next);
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

/** The error for a body with too many maps. */
export function tooManyMaps(): UndecodableBodyError {
  return new UndecodableBodyError(`The body has more than ${MAX_MAPS} maps and lists.`);
}

import { MAX_DEPTH, MAX_MAPS, tooDeep, tooManyMaps } from "./bounds.ts";
import { cutKey } from "./cut-key.ts";
import { emptyTree, type GrowingTree } from "./tree.ts";

const SPACE = 32;
const OPENING = 91;

/** A tree while it grows, and what is remembered from one variable to the next. */
export interface Growth {
  /** The tree. */
  readonly tree: GrowingTree;
  /** The index that `[]` takes next, for each map in which it was used. */
  nextIndexes: Map<GrowingTree, Index> | undefined;
  /** How many maps there are. */
  maps: number;
  /** How many keys were cut out of the body. */
  keys: number;
  /** The key of the map that the variable before went into, if that is a map of the tree; else empty. */
  base: string;
  /** The map that `base` leads to. */
  map: GrowingTree;
}

/** An empty tree, to which variables are to be added. */
export function startGrowth(): Growth {
  const tree = emptyTree();
  return { tree, nextIndexes: undefined, maps: 0, keys: 0, base: "", map: tree };
}

/** Gives a variable whose name is a key, `email`, its value; it stands in a text. */
export function assignFlat(growth: Growth, text: string, start: number, end: number, value: string): void {
  if (start === end) return;
  growth.base = "";
  set(growth, growth.tree, cutKey(text, start, end, growth.keys++), value);
}

/** Gives a variable whose name is a base and one key or none, `fields[email]` or `interests[]`, its value; it stands in a text. */
export function assignNested(
  growth: Growth,
  text: string,
  start: number,
  opening: number,
  end: number,
  value: string,
): void {
  // The variables of a map come one after the other.
  if (growth.base.length !== opening - start || !text.startsWith(growth.base, start)) {
    growth.base = text.slice(start, opening);
    growth.map = descend(growth, growth.tree, growth.base);
  }
  if (opening + 2 === end) append(growth, growth.map, value);
  else set(growth, growth.map, cutKey(text, opening + 1, end - 1, growth.keys++), value);
}

/** Gives a variable its value, as PHP reads its name, whatever that is: `interests[]`, `a[b][c]`, ` a.b`. */
export function assignByName(growth: Growth, rawName: string, value: string): void {
  growth.base = "";
  const name = trimName(rawName);
  const opening = name.indexOf("[");
  if (name === "" || opening === 0) return;
  const isNested = opening !== -1 && name.indexOf("]", opening) !== -1;
  let key = mangleName(isNested ? name.slice(0, opening) : name);
  if (isForged(key, name)) return;
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
      key = String(next);
    } else {
      key = name.slice(start, closing);
      if (isForged(key, name)) return;
    }
    position = closing + 1;
  }
  set(growth, map, key, value);
}

/** PHP ends a name at NUL, and drops the spaces before it. */
function trimName(name: string): string {
  let start = 0;
  while (name.charCodeAt(start) === SPACE) start += 1;
  const end = name.indexOf("\0", start);
  return end === -1 ? name.slice(start) : name.slice(start, end);
}

/** PHP replaces what its variables can't be named with. */
function mangleName(name: string): string {
  return name.replace(/[ .[]/g, "_");
}

/** Prefixes that protect cookies: PHP drops a variable with a key that has one and that its name did not start with. */
const PROTECTED = /^__(?:Host|Secure)-/;

function isForged(key: string, name: string): boolean {
  const prefix = PROTECTED.exec(key)?.[0];
  return prefix !== undefined && !name.startsWith(prefix);
}

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
  const next = nextIndexes?.get(map);
  if (next === undefined) return;
  const index = indexOf(key);
  if (index !== undefined && index >= next) nextIndexes?.set(map, successorOf(index));
}

function append(growth: Growth, map: GrowingTree, value: string): void {
  const next = nextIndex(growth, map);
  if (next === undefined) return;
  map[String(next)] = value;
  growth.nextIndexes?.set(map, successorOf(next));
}

/** A key that PHP takes for an integer, of 64 bits: a number as long as that is exact. */
type Index = number | bigint;

const MAX_INDEX = 2n ** 63n - 1n;

/** What `[]` stands for: one more than the highest so far; undefined if PHP has no higher one. */
function nextIndex(growth: Growth, map: GrowingTree): Index | undefined {
  growth.nextIndexes ??= new Map();
  const { nextIndexes } = growth;
  let next = nextIndexes.get(map);
  if (next === undefined) {
    next = 0;
    let isFirst = true;
    for (const key in map) {
      const index = indexOf(key);
      if (index === undefined || (!isFirst && index < next)) continue;
      next = successorOf(index);
      isFirst = false;
    }
    nextIndexes.set(map, next);
  }
  return next > MAX_INDEX ? undefined : next;
}

function successorOf(index: Index): Index {
  return typeof index === "number" && index < Number.MAX_SAFE_INTEGER ? index + 1 : BigInt(index) + 1n;
}

/** The integer that PHP takes a key for, or undefined if it stays text: `08`, `-0`, what exceeds 64 bits. */
function indexOf(key: string): Index | undefined {
  const code = key.charCodeAt(0);
  if (key.length > 20 || !(code === 45 || (code >= 48 && code <= 57)) || !/^(?:0|-?[1-9]\d*)$/.test(key))
    return undefined;
  const index = Number(key);
  if (Number.isSafeInteger(index)) return index;
  const exact = BigInt(key);
  return exact > MAX_INDEX || exact < -MAX_INDEX - 1n ? undefined : exact;
}

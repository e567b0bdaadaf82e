import type { FormTree, FormValue } from "../form/tree.ts";
import { TIMESTAMP } from "./timestamp.ts";

/** What a variable of each kind is to a callback. */
export interface VariableKinds {
  /** What identifies a profile, a database, a mailing: a positive whole number. */
  readonly id: number;
  /** Text, as it was sent. */
  readonly text: string;
  /** `YYYY-MM-DD HH:MM:SS`, as it was sent; it carries no zone. */
  readonly timestamp: string;
  /** Unix time, in seconds. */
  readonly time: number;
  /** What an action was performed with, as it was sent; empty if nothing was sent. */
  readonly parameters: FormTree;
  /** Field name → value, as it was sent; empty if nothing was sent. */
  readonly fields: Fields;
  /** Interest name → whether the profile has it; empty if nothing was sent. */
  readonly interests: Interests;
  /** The tags of a message, in the order sent; empty if nothing was sent. */
  readonly tags: readonly string[];
}

/** A profile's or subprofile's fields, name → value; on the wire every value is text. */
export interface Fields {
  /** The value of the field of this name. */
  readonly [field: string]: string;
}

/** A profile's interests, name → whether the profile has it. The groups they came in are in the event's `raw`. */
export interface Interests {
  /** Whether the profile has the interest of this name. */
  readonly [interest: string]: boolean;
}

/** How the variables of a kind are read. */
export interface Kind<Value> {
  /** What is expected of them, in words. */
  readonly expected: string;
  /** Reads what was sent, undefined if nothing was; returns undefined if it does not fit. */
  readonly read: (sent: FormValue | undefined) => Value | undefined;
}

/** The kinds of variables, each with how it is read. */
export const kinds: { readonly [Name in keyof VariableKinds]: Kind<VariableKinds[Name]> } = {
  id: { expected: "a positive whole number", read: (sent) => readNumber(sent, 1) },
  text: { expected: "text", read: readText },
  timestamp: { expected: "a time as YYYY-MM-DD HH:MM:SS", read: readTimestamp },
  time: { expected: "a Unix time in seconds", read: (sent) => readNumber(sent, 0) },
  parameters: { expected: "a map", read: readMap },
  fields: { expected: "a map of texts", read: readTextMap },
  interests: { expected: "a list of names, or a map of names to 1 or 0", read: readInterests },
  tags: { expected: "a list of texts", read: readTextList },
};

/** Of as many digits a number is exact, and as a Unix time within what a Date can hold. */
const NUMBER = /^\d{1,12}$/;

function readNumber(sent: FormValue | undefined, least: number): number | undefined {
  if (typeof sent !== "string" || !NUMBER.test(sent)) return undefined;
  const number = Number(sent);
  return number >= least ? number : undefined;
}

function readText(sent: FormValue | undefined): string | undefined {
  return typeof sent === "string" ? sent : undefined;
}

function readTimestamp(sent: FormValue | undefined): string | undefined {
  return typeof sent === "string" && TIMESTAMP.test(sent) ? sent : undefined;
}

const emptyMap: FormTree = Object.freeze(Object.create(null));

/** PHP sends nothing for an empty map, and other senders an empty text. */
function readMap(sent: FormValue | undefined): FormTree | undefined {
  if (sent === undefined || sent === "") return emptyMap;
  return typeof sent === "object" ? sent : undefined;
}

function readTextMap(sent: FormValue | undefined): Fields | undefined {
  const map = readMap(sent);
  for (const name in map) if (typeof map[name] !== "string") return undefined;
  return map as Fields | undefined; // every value was just seen to be a text
}

/** A list of texts; a single one may come as a text. */
function readTextList(sent: FormValue | undefined): readonly string[] | undefined {
  if (typeof sent === "string" && sent !== "") return [sent];
  const map = readTextMap(sent);
  return map === undefined ? undefined : Object.values(map);
}

/** Interests come as a list of names, as name → 1 or 0, and either of these within groups. */
function readInterests(sent: FormValue | undefined): Interests | undefined {
  const map = typeof sent === "string" && sent !== "" ? { 0: sent } : readMap(sent);
  if (map === undefined) return undefined;
  const interests: { [interest: string]: boolean } = Object.create(null);
  collectInterests(map, interests);
  return interests;
}

function collectInterests(sent: FormTree, interests: { [interest: string]: boolean }): void {
  const list = isList(sent);
  for (const key in sent) {
    const value = sent[key];
    if (value === undefined) continue;
    if (typeof value === "object") collectInterests(value, interests);
    else if (list || (INDEX.test(key) && !FLAG.test(value))) interests[value] = true;
    else interests[key] = interests[key] === true || !NO.test(value); // once, in any of its groups, is enough
  }
}

const INDEX = /^\d+$/;
const FLAG = /^[01]?$/;
const NO = /^(?:0|no|false|)$/i;

/** Whether the keys are 0, 1, … without a gap, one at least. */
function isList(map: FormTree): boolean {
  if (!("0" in map)) return false; // as of names, which need not be gone through for it
  let index = 0;
  for (const key in map) {
    if (key !== String(index)) return false;
    index += 1;
  }
  return true;
}

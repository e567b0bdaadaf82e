import { InvalidOptionError } from "../errors.ts";
import { findNearest } from "./nearest.ts";

/**
 * Turns what was given for an option, undefined if nothing was, into its settled value, its default included.
 *
 * @param given What was given.
 * @param option The name of the option, with its owner before it: `createWebhookHandler: verify.publicUrl`.
 * @throws {InvalidOptionError} If it can't be used.
 */
export interface OptionReader<Value> {
  (given: unknown, option: string): Value;
  /** The readers of the options within this option. */
  readonly readers?: OptionReaders;
}

/** What an option's reader is for each name: the one description of a function's options. */
export interface OptionReaders {
  /** Reads the option of this name. */
  readonly [name: string]: OptionReader<unknown>;
}

/** The settings that readers make of options: every default filled in. */
export type Settled<Readers> = {
  readonly [Name in keyof Readers]: Readers[Name] extends OptionReader<infer Value> ? Value : never;
};

/**
 * The one desk for options: checks the names and the values of what a user gave, and fills in the defaults. What follows
 * has settings, and neither checks nor defaults of its own.
 *
 * @param owner What takes the options, as its user names it: `createWebhookHandler`.
 * @param given What the user gave.
 * @param readers Each option's name with its reader.
 * @throws {InvalidOptionError} If an option is unknown, with the nearest name, or can't be used, with what it got.
 */
export function settleOptions<const Readers extends OptionReaders>(
  owner: string,
  given: object,
  readers: Readers,
): Settled<Readers> {
  return settleNested(`${owner}: `, given, readers);
}

/** As {@link settleOptions}, for the options within an option: their names have its name before them. */
export function settleNested<const Readers extends OptionReaders>(
  prefix: string,
  given: unknown,
  readers: Readers,
): Settled<Readers> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalidOption(ownerOf(prefix), "an object of options", given);
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(readers, name)) throw unknownOption(prefix, name, readers);
  }
  const settled: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) {
    settled[name] = read((given as Record<string, unknown>)[name], prefix + name); // an object, as was just seen
  }
  return settled as Settled<Readers>; // each name has what its reader made
}

/** What takes options, by the prefix of their names. */
function ownerOf(prefix: string): string {
  return prefix.replace(/(?:: |\.)$/, "");
}

function unknownOption(prefix: string, name: string, readers: OptionReaders): InvalidOptionError {
  const known = Object.keys(readers);
  const within = Object.entries(readers).flatMap(([outer, read]) => {
    return Object.keys(read.readers ?? {}).map((inner) => `${outer}.${inner}`);
  });
  const nearest = findNearest(name, [...known, ...within]);
  const hint = nearest === undefined ? `It takes ${known.join(", ")}.` : `Did you mean ${nearest}?`;
  return new InvalidOptionError(`${ownerOf(prefix)} has no option ${name}. ${hint}`);
}

/** The error for an option that can't be used: what it must be, and what it got. */
export function invalidOption(
  option: string,
  expected: string,
  given: unknown,
  options?: ErrorOptions,
): InvalidOptionError {
  return new InvalidOptionError(`${option} must be ${expected}; got ${describe(given)}.`, options);
}

/** How much of a text that was given a message repeats, in UTF-16 code units. */
const MAX_QUOTED_LENGTH = 64;

/** What was given, in words, short and on one line. */
function describe(given: unknown): string {
  if (typeof given === "string") {
    const quoted = JSON.stringify(given.slice(0, MAX_QUOTED_LENGTH));
    return given.length > MAX_QUOTED_LENGTH ? `${quoted} and more` : quoted;
  }
  if (typeof given === "number" || typeof given === "boolean" || given === null || given === undefined) {
    return String(given);
  }
  if (Array.isArray(given)) return "a list";
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}

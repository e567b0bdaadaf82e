import { parseArgs } from "node:util";
import { findNearest } from "../../options/nearest.ts";
import { type Command, type CommandOptions, commonOptions } from "./command.ts";
import { usageError } from "./exit.ts";

/** The program's name, as its users type it. */
export const PROGRAM = "copernica-webhooks";

/** What was given to a command, before its options are read. */
export interface ParsedWords {
  /** The words beside the options. */
  readonly operands: readonly string[];
  /** The options given, each as text, as `true`, or, if it can be given several times, as a list. */
  readonly given: Readonly<Record<string, string | true | readonly string[]>>;
}

/** The command that the first words name, and the words that are left; no command if there is no word. */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { readonly command: Command | undefined; readonly rest: readonly string[] } {
  const first = words.findIndex((word) => !word.startsWith("-"));
  if (first === -1) return { command: undefined, rest: words };
  const [one = "", two = ""] = words.slice(first);
  const command = commands.find(({ name }) => name === `${one} ${two}`) ?? commands.find(({ name }) => name === one);
  if (command === undefined) throw unknownCommand(one, two, commands);
  const rest = [...words];
  rest.splice(first, command.name.split(" ").length);
  return { command, rest };
}

function unknownCommand(one: string, two: string, commands: readonly Command[]): Error {
  const names = commands.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${one} `));
  if (group.length > 0) {
    const nearest = findNearest(
      two,
      group.map((name) => name.slice(one.length + 1)),
    );
    const remedy = nearest === undefined ? `one of ${group.join(", ")}` : `${one} ${nearest}`;
    return usageError(two === "" ? `${one} needs a second word: ${group.join(", ")}.` : `Did you mean ${remedy}?`);
  }
  const nearest = findNearest(one, names) ?? names.find((name) => findNearest(one, [name.split(" ")[0] ?? ""]));
  const remedy = nearest === undefined ? "--help lists those that there are." : `Did you mean ${nearest}?`;
  return usageError(`There is no command ${JSON.stringify(one)}. ${remedy}`);
}

/** A delivery's id that begins with a dash, as one of 64 does: 24 bytes in base64url. No option looks like that. */
const DELIVERY_ID_WITH_DASH = /^-[\w-]{31}$/;

/** Sorts the words that follow a command into options and operands. */
export function parseWords(words: readonly string[], options: CommandOptions): ParsedWords {
  const known: CommandOptions = { ...commonOptions, ...options };
  const ids = words.filter((word) => DELIVERY_ID_WITH_DASH.test(word));
  const { tokens } = parseArgs({
    args: ids.length === 0 ? [...words] : [...words.filter((word) => !ids.includes(word)), "--", ...ids],
    strict: false, // its own complaints suggest nothing, and differ from runtime to runtime
    tokens: true,
    options: Object.fromEntries(Object.entries(known).map(([name, described]) => [name, parsedAs(described)])),
  });
  const operands: string[] = [];
  const given: Record<string, string | true | string[]> = {};
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const described = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (described === undefined) throw unknownOption(token.rawName, known);
    const { name, rawName, value, inlineValue } = token;
    if (described.placeholder === undefined) {
      if (value !== undefined) throw usageError(`${rawName} is given or not: it takes no value.`);
      given[name] = true;
      continue;
    }
    if (value === undefined) throw usageError(`${rawName} needs a value: ${rawName} ${described.placeholder}.`);
    if (!inlineValue && /^-./.test(value)) {
      throw usageError(`${rawName} needs a value; if it begins with a dash, write ${rawName}=${value}.`);
    }
    const earlier = given[name];
    if (!described.repeats) given[name] = value;
    else given[name] = typeof earlier === "object" ? [...earlier, value] : [value];
  }
  return { operands, given };
}

function parsedAs({ placeholder, letter, repeats }: CommandOptions[string]): ParsedAs {
  const type = placeholder === undefined ? "boolean" : "string";
  return { type, multiple: repeats, ...(letter !== undefined && { short: letter }) };
}

interface ParsedAs {
  type: "boolean" | "string";
  multiple: boolean;
  short?: string;
}

function unknownOption(rawName: string, known: CommandOptions): Error {
  const nearest = findNearest(rawName.replace(/^-+/, ""), Object.keys(known));
  const remedy = nearest === undefined ? "--help lists those that there are." : `Did you mean --${nearest}?`;
  return usageError(`There is no option ${rawName}. ${remedy}`);
}

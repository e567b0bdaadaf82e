import type { OptionReaders } from "../../options/settle.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ExitCode } from "./exit.ts";
import { type CommandOption, flag } from "./option.ts";

/** The options of a command, by name, as they are given: `public-url`. */
export interface CommandOptions {
  /** The option of this name. */
  readonly [name: string]: CommandOption<unknown>;
}

/** What the readers of options make of what was given. */
export type OptionValues<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends CommandOption<infer Value> ? Value : never;
};

/** A word that a command takes beside its options. */
export interface Operand {
  /** What stands for it in help: `event`. */
  readonly name: string;
  /** Whether it can be left out. */
  readonly optional: boolean;
  /** What completion offers for it, and, unless they are files, all that it can be. */
  readonly completes: readonly string[] | "files" | undefined;
}

/** An example: a command line without the name of the program, and what it does. */
type Example = readonly [line: string, meaning: string];

/**
 * A command: the one description that it is parsed, explained and completed by, and what runs.
 *
 * @typeParam Options Its options.
 */
export interface Command<Options extends CommandOptions = CommandOptions> {
  /** Its name, of one word or two: `send`, `keys serve`. */
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** Command lines worth knowing; help begins with them. */
  readonly examples: readonly Example[];
  /** The words that it takes. */
  readonly operands: readonly Operand[];
  /** Its options, beside those of every command. */
  readonly options: Options;
  /** What else its user must know: paragraphs. */
  readonly notes: readonly string[];
  /** Does it. */
  readonly run: (given: Given<Options>, terminal: Terminal) => Promise<ExitCode>;
}

/** What a command was given. */
interface Given<Options> {
  /** The words beside its options. */
  readonly operands: readonly string[];
  /** The values of its options. */
  readonly options: OptionValues<Options>;
}

/** Describes a command, so that what it runs sees the types of its options. */
export function defineCommand<const Options extends CommandOptions>(command: Command<Options>): Command {
  return command as unknown as Command; // it is only ever run with what its own readers made
}

/** The options of every command. */
export const commonOptions: Readonly<Record<"help" | "quiet" | "no-color", CommandOption<boolean>>> = {
  help: flag("Explain the command.", { letter: "h" }),
  quiet: flag("Leave out everything but data and errors.", { letter: "q" }),
  "no-color": flag("Print without colors, as with NO_COLOR=1."),
};

/** The option of commands that can print their data for programs. */
export const jsonOption: CommandOption<boolean> = flag(
  'Print JSON, an object a line; of what goes on running, the first is {"type":"ready", …}.',
);

/** The option of commands that can leave out whom an event is about. */
export const redactOption: CommandOption<boolean> = flag(
  "Hide personal data: the values of fields, addresses and the like.",
);

/** The readers of a command's options, for the desk that settles them. */
export function readersOf(options: CommandOptions): OptionReaders {
  return Object.fromEntries(Object.entries(options).map(([name, { read }]) => [name, read]));
}

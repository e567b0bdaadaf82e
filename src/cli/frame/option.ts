import type { OptionReader } from "../../options/settle.ts";

/** An option of a command: what parsing, help and completion need to know of it. */
export interface CommandOption<Value> {
  /** What it does, for help. */
  readonly summary: string;
  /** What stands for its value in help, `URL`; undefined for a flag, which has none. */
  readonly placeholder: string | undefined;
  /** The one letter that it can be given by too. */
  readonly letter: string | undefined;
  /** Whether it can be given several times. */
  readonly repeats: boolean;
  /** What completion offers: these words, or files. */
  readonly completes: readonly string[] | "files" | undefined;
  /**
   * Reads what was given: a text, `true` for a flag, a list if it can be given several times; undefined if it was not
   * given.
   */
  readonly read: OptionReader<Value>;
}

/** What an option can be described with beside its summary. */
interface OptionDetails {
  readonly letter?: string;
  readonly completes?: readonly string[] | "files";
}

/** Describes a flag: given or not. */
export function flag(summary: string, { letter }: OptionDetails = {}): CommandOption<boolean> {
  const read: OptionReader<boolean> = (given) => given === true;
  return { summary, placeholder: undefined, letter, repeats: false, completes: undefined, read };
}

/** Describes an option with a value. */
export function option<Value>(
  placeholder: string,
  summary: string,
  read: OptionReader<Value>,
  { letter, completes }: OptionDetails = {},
): CommandOption<Value> {
  return { summary, placeholder, letter, repeats: false, completes, read };
}

/** Describes an option that can be given several times, each time with a value. */
export function repeatedOption<Value>(
  placeholder: string,
  summary: string,
  read: OptionReader<Value>,
  { letter, completes }: OptionDetails = {},
): CommandOption<readonly Value[]> {
  return {
    summary,
    placeholder,
    letter,
    repeats: true,
    completes,
    read: (given, name) => (Array.isArray(given) ? given.map((value) => read(value, name)) : []),
  };
}

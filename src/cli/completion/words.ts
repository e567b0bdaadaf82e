import { type Command, type CommandOptions, commonOptions } from "../frame/command.ts";

/** A word that completion offers, and what it means. */
export interface Suggestion {
  /** The word. */
  readonly word: string;
  /** What it means. */
  readonly summary: string;
}

/** The first words of all commands, each once; of a group, `keys`, the summary lists its second words. */
export function firstWords(commands: readonly Command[]): readonly Suggestion[] {
  const suggestions = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = "", second] = name.split(" ");
    if (second === undefined) suggestions.set(first, summary);
    else suggestions.set(first, [suggestions.get(first), second].filter(Boolean).join(", "));
  }
  return [...suggestions].map(([word, summary]) => ({ word, summary }));
}

/** The groups of commands of two words: the first word → the second ones. */
export function groups(commands: readonly Command[]): ReadonlyMap<string, readonly Suggestion[]> {
  const found = new Map<string, Suggestion[]>();
  for (const { name, summary } of commands) {
    const [first = "", second] = name.split(" ");
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), { word: second, summary }]);
  }
  return found;
}

/** All options of a command. */
export function optionsOf({ options }: Command): readonly (readonly [string, CommandOptions[string]])[] {
  return Object.entries({ ...options, ...commonOptions });
}

/** A text between single quotes, as POSIX shells and zsh read it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

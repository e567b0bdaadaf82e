import type { Style } from "../terminal/style.ts";
import { type Command, type CommandOptions, commonOptions, type Operand } from "./command.ts";
import { PROGRAM } from "./parse.ts";

/** How wide help is, in characters. */
const WIDTH = 100;

/** Of how many commands help of the program has an example: the first, which are those that people look for. */
const SHOWN_EXAMPLES = 3;

/** What the program is and which commands it has. */
export function programHelp(commands: readonly Command[], style: Style): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    "See what Copernica's webhooks bring, know why a call fails, and send what you need.",
    "",
    style.bold("Examples"),
    ...commands
      .slice(0, SHOWN_EXAMPLES)
      .flatMap(({ examples }) => examples.slice(0, 1).flatMap((example) => exampleLines(example, style))),
    "",
    style.bold("Commands"),
    ...columns(rows, style),
    "",
    style.bold("Options"),
    ...columns([...optionRows(commonOptions), ["--version", "Print the version."]], style),
    "",
    ...wrap(`${PROGRAM} COMMAND --help explains a command.`, ""),
    ...wrap(EXIT_CODES, ""),
    "",
  ].join("\n");
}

const EXIT_CODES =
  "Ends with 0 if all went well, 1 if a check failed, 2 if the command line can't be understood, 3 if the network or a " +
  "file can't be used, 130 if interrupted, 141 if the reader of its output went away.";

/** What a command does, its examples first. */
export function commandHelp(command: Command, style: Style): string {
  const { name, summary, examples, operands, options, notes } = command;
  return [
    summary,
    "",
    style.bold("Examples"),
    ...examples.flatMap((example) => exampleLines(example, style)),
    "",
    style.bold("Usage"),
    `  ${[PROGRAM, name, ...operands.map(operandUsage), "[options]"].join(" ")}`,
    "",
    style.bold("Options"),
    ...columns([...optionRows(options), ...optionRows(commonOptions)], style),
    ...notes.flatMap((note) => ["", ...wrap(note, "")]),
    "",
  ].join("\n");
}

function exampleLines([line, meaning]: readonly [string, string], style: Style): readonly string[] {
  return [...wrap(meaning, "  # ").map(style.dim), `  ${PROGRAM} ${line}`];
}

function operandUsage({ name, optional }: Operand): string {
  return optional ? `[${name}]` : `<${name}>`;
}

type Row = readonly [left: string, right: string];

function optionRows(options: CommandOptions): Row[] {
  return Object.entries(options).map(([name, { summary, placeholder, letter, repeats }]) => {
    const long = placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;
    return [letter === undefined ? long : `${long}, -${letter}`, repeats ? `${summary} Can be repeated.` : summary];
  });
}

/** Lines of two columns: what is explained, and what it means. */
function columns(rows: readonly Row[], style: Style): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) => {
    const [first = "", ...more] = wrap(right, " ".repeat(width));
    return [`  ${style.bold(left)}${" ".repeat(width - 2 - left.length)}${first.slice(width)}`, ...more];
  });
}

/** Breaks a text into lines at its spaces. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length > WIDTH && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

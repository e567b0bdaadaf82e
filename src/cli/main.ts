import manifest from "../../jsr.json" with { type: "json" };
import { InvalidOptionError } from "../errors.ts";
import { settleNested } from "../options/settle.ts";
import { commands } from "./commands.ts";
import { type Command, readersOf } from "./frame/command.ts";
import { CommandError, type ExitCode, exitCodes, usageError } from "./frame/exit.ts";
import { commandHelp, programHelp } from "./frame/help.ts";
import { findCommand, type ParsedWords, PROGRAM, parseWords } from "./frame/parse.ts";
import { openTerminal, type ProcessTerminal, type Terminal } from "./terminal/terminal.ts";

/**
 * One run of the program: finds the command that its words name, gives it its options, and says what ended it.
 *
 * @param words The words after the program's name.
 * @returns What the process must end with.
 */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  const terminal = openTerminal(terminalSettings(words));
  let exitCode: ExitCode;
  try {
    exitCode = await runWords(words, terminal);
  } catch (thrown) {
    exitCode = tellFailure(terminal, thrown);
  }
  await terminal.flush();
  return terminal.stopCode() ?? exitCode;
}

/** Looked for before all else: they decide how a mistake in the other words is told. */
function terminalSettings(words: readonly string[]): Parameters<typeof openTerminal>[0] {
  return { quiet: words.includes("--quiet") || words.includes("-q"), plain: words.includes("--no-color") };
}

async function runWords(words: readonly string[], terminal: ProcessTerminal): Promise<ExitCode> {
  if (words[0] === "help") return runWords([...words.slice(1), "--help"], terminal);
  const { command, rest } = findCommand(words, commands);
  if (command === undefined) return runWithoutCommand(rest, terminal);
  const parsed = parseWords(rest, command.options);
  if (parsed.given.help === true) {
    printText(terminal, commandHelp(command, terminal.style));
    return exitCodes.done;
  }
  return await runCommand(command, parsed, terminal);
}

function runWithoutCommand(words: readonly string[], terminal: Terminal): ExitCode {
  if (words.includes("--version")) terminal.print(manifest.version);
  else {
    parseWords(words, {});
    printText(terminal, programHelp(commands, terminal.style));
  }
  return exitCodes.done;
}

async function runCommand(command: Command, { operands, given }: ParsedWords, terminal: Terminal): Promise<ExitCode> {
  checkOperands(command, operands);
  const { help, quiet, "no-color": _, ...own } = given;
  const options = settleNested("", "--", own, readersOf(command.options));
  return await command.run({ operands, options }, terminal);
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const [surplus] = given.slice(operands.length);
  if (surplus !== undefined) throw usageError(`${name} has no use for ${JSON.stringify(surplus)}.`);
  const missing = operands.find(({ optional }, index) => !optional && given[index] === undefined);
  if (missing !== undefined) throw usageError(`${name} needs <${missing.name}>.`);
}

function printText(terminal: Terminal, text: string): void {
  for (const line of text.trimEnd().split("\n")) terminal.print(line);
}

/** Tells what ended a command, in a line that says what to do about it. */
function tellFailure(terminal: Terminal, thrown: unknown): ExitCode {
  const error = thrown instanceof InvalidOptionError ? usageError(thrown.message) : thrown;
  if (!(error instanceof CommandError)) throw thrown;
  terminal.warn(`${terminal.noteStyle.red("Error:")} ${error.message}`);
  if (error.exitCode === exitCodes.usage) terminal.warn(`See ${PROGRAM} --help, or ${PROGRAM} COMMAND --help.`);
  return error.exitCode;
}

import { readFile } from "node:fs/promises";
import { type DatabaseDescription, generateRoutes, InvalidDescriptionError } from "../../generate.ts";
import { optional, text } from "../../options/readers.ts";
import { type Command, defineCommand } from "../frame/command.ts";
import { CommandError, type ExitCode, exitCodes, unavailableError, usageError } from "../frame/exit.ts";
import { readInput } from "../frame/files.ts";
import { flag, option } from "../frame/option.ts";
import { writeOutput } from "../frame/output.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** How many lines that differ are shown. */
const MAX_SHOWN_LINES = 20;

export const generate: Command = defineCommand({
  name: "generate",
  summary: "Write the route of a database, a type for each field, from Copernica's own description of it.",
  examples: [
    ["generate --from customers.json --out src/customers.ts", "Of a description that GET database/$id answered."],
    [
      "generate --from customers.json --out src/customers.ts --check",
      "In CI: whether the committed source is still true.",
    ],
  ],
  operands: [],
  options: {
    from: option("FILE", "The description, as JSON: what Copernica's REST API answers; - for standard input.", text, {
      completes: "files",
    }),
    out: option("FILE", "The source to write, or to check; standard output by default.", optional(text), {
      completes: "files",
    }),
    check: flag("Write nothing; fail if --out is not what would be written."),
  },
  notes: ["Ends with 1 if --check finds a difference, with 2 if the description can't be used."],
  async run({ options: { from, out, check } }, terminal) {
    if (check && out === undefined) throw usageError("--check needs --out: the source that is checked.");
    const source = generateSource(new TextDecoder().decode(await readInput(from)), from);
    if (check && out !== undefined) return await compare(source, out, terminal);
    await writeOutput(source, out, terminal);
    return exitCodes.done;
  },
});

function generateSource(json: string, from: string): string {
  try {
    return generateRoutes(JSON.parse(json) as DatabaseDescription); // it checks what it needs
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new CommandError(exitCodes.usage, `${from} is no JSON: ${cause.message}.`, { cause });
    if (cause instanceof InvalidDescriptionError)
      throw new CommandError(exitCodes.usage, `${from}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function compare(source: string, out: string, terminal: Terminal): Promise<ExitCode> {
  const committed = await readCommitted(out);
  if (committed === source) return exitCodes.done;
  terminal.warn(`${out} is not what the description says any more; generate it anew without --check.`);
  const expected = new Set(source.split("\n"));
  const found = new Set(committed.split("\n"));
  const lines = [
    ...[...found].filter((line) => !expected.has(line)).map((line) => terminal.style.red(`- ${line}`)),
    ...[...expected].filter((line) => !found.has(line)).map((line) => terminal.style.green(`+ ${line}`)),
  ];
  for (const line of lines.slice(0, MAX_SHOWN_LINES)) terminal.print(line);
  if (lines.length > MAX_SHOWN_LINES) terminal.print(`and ${lines.length - MAX_SHOWN_LINES} more lines`);
  return exitCodes.failed;
}

async function readCommitted(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replaceAll("\r\n", "\n"); // git may have changed line ends
  } catch (cause) {
    throw unavailableError(`${file} can't be read`, cause);
  }
}

import type { Command } from "../frame/command.ts";
import { PROGRAM } from "../frame/parse.ts";
import { firstWords, groups, optionsOf } from "./words.ts";

/** What makes fish complete the commands. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = [line("-f")];
  for (const { word, summary } of firstWords(commands)) {
    lines.push(line(`-n __fish_use_subcommand -a ${word} -d ${quoteForFish(summary)}`));
  }
  for (const [first, seconds] of groups(commands)) {
    const all = seconds.map(({ word }) => word).join(" ");
    for (const { word, summary } of seconds) {
      const condition = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${all}`;
      lines.push(line(`-n ${quoteForFish(condition)} -a ${word} -d ${quoteForFish(summary)}`));
    }
  }
  for (const command of commands) lines.push(...commandLines(command));
  return `${lines.join("\n")}\n`;
}

function commandLines(command: Command): readonly string[] {
  const words = command.name.split(" ");
  const condition = `-n ${quoteForFish(words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and "))}`;
  const lines = optionsOf(command).map(([name, { summary, placeholder, letter, completes }]) => {
    const short = letter === undefined ? "" : ` -s ${letter}`;
    const values = completes === undefined || completes === "files" ? "" : ` -a ${quoteForFish(completes.join(" "))}`;
    const takes = placeholder === undefined ? "" : completes === "files" ? " -r -F" : " -x";
    return line(`${condition} -l ${name}${short}${takes}${values} -d ${quoteForFish(summary)}`);
  });
  for (const { completes } of command.operands) {
    if (completes === "files") lines.push(line(`${condition} -F`));
    else if (completes !== undefined) lines.push(line(`${condition} -a ${quoteForFish(completes.join(" "))}`));
  }
  return lines;
}

function line(rest: string): string {
  return `complete -c ${PROGRAM} ${rest}`;
}

/** A text between single quotes, as fish reads it. */
function quoteForFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

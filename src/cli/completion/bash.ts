import type { Command } from "../frame/command.ts";
import { PROGRAM } from "../frame/parse.ts";
import { firstWords, groups, optionsOf, quote } from "./words.ts";

/** What makes bash complete the commands. */
export function bashCompletion(commands: readonly Command[]): string {
  return `_copernica_webhooks() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    ${offer(firstWords(commands).map(({ word }) => word))}
    return
  fi
  if ((COMP_CWORD == 2)); then
    case $previous in
${[...groups(commands)].map(([first, seconds]) => branch(first, offer(seconds.map(({ word }) => word)))).join("\n")}
    esac
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${commands.map(commandBranch).join("\n")}
  esac
}
complete -F _copernica_webhooks ${PROGRAM}
`;
}

function branch(pattern: string, action: string): string {
  return `      ${pattern}) ${action}; return ;;`;
}

function commandBranch(command: Command): string {
  const { name, operands } = command;
  const words = optionsOf(command).map(([option]) => `--${option}`);
  const operand = operands[0]?.completes;
  const values = optionsOf(command)
    .filter(([, { placeholder }]) => placeholder !== undefined)
    .map(([option, { completes }]) => `        --${option}) ${offerFor(completes)}; return ;;`);
  return `    ${name.includes(" ") ? quote(name) : `${quote(`${name} `)}*`})
      case $previous in
${values.join("\n")}
      esac
      ${offer([...words, ...(Array.isArray(operand) ? operand : [])])}${operand === "files" ? `\n      ${offerFiles("+=")}` : ""} ;;`;
}

function offerFor(completes: readonly string[] | "files" | undefined): string {
  if (completes === "files") return offerFiles("=");
  return completes === undefined ? ":" : offer(completes);
}

function offer(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quote(words.join(" "))} -- "$current"))`;
}

function offerFiles(assignment: "=" | "+="): string {
  return `COMPREPLY${assignment}($(compgen -f -- "$current"))`;
}

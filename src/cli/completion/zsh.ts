import type { Command, CommandOptions } from "../frame/command.ts";
import { PROGRAM } from "../frame/parse.ts";
import { firstWords, groups, optionsOf, quote, type Suggestion } from "./words.ts";

/** What makes zsh complete the commands. */
export function zshCompletion(commands: readonly Command[]): string {
  return `#compdef ${PROGRAM}
_copernica_webhooks() {
  local -a suggestions
  if ((CURRENT == 2)); then
    ${describeSuggestions(firstWords(commands))}
    return
  fi
  if ((CURRENT == 3)); then
    case $words[2] in
${[...groups(commands)].map(([first, seconds]) => `      ${first}) ${describeSuggestions(seconds)}; return ;;`).join("\n")}
    esac
  fi
  case "$words[2] $words[3]" in
${commands.map(commandBranch).join("\n")}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _copernica_webhooks "$@"; else compdef _copernica_webhooks ${PROGRAM}; fi
`;
}

function describeSuggestions(suggestions: readonly Suggestion[]): string {
  const rows = suggestions.map(({ word, summary }) => quote(`${word}:${summary}`));
  return `suggestions=(${rows.join(" ")}); _describe command suggestions`;
}

function commandBranch(command: Command): string {
  const { name, operands } = command;
  const words = name.split(" ").length;
  const pattern = words === 2 ? quote(name) : `${quote(`${name} `)}*`;
  const specifications = [
    ...optionsOf(command).map(([option, described]) => optionSpecification(option, described)),
    ...operands.map(({ name: operand, completes }, index) => {
      return quote(`${index + 1}:${operand}:${action(completes)}`);
    }),
  ];
  return `    ${pattern}) shift ${words} words; ((CURRENT -= ${words})); _arguments ${specifications.join(" ")} ;;`;
}

function optionSpecification(
  name: string,
  { summary, placeholder, repeats, completes }: CommandOptions[string],
): string {
  const explanation = summary.replace(/[\\[\]:]/g, "\\$&");
  const value = placeholder === undefined ? "" : `:${placeholder.replaceAll(":", "\\:")}:${action(completes)}`;
  return quote(`${repeats ? "*" : ""}--${name}[${explanation}]${value}`);
}

function action(completes: readonly string[] | "files" | undefined): string {
  if (completes === "files") return "_files";
  return completes === undefined ? " " : `(${completes.join(" ")})`;
}

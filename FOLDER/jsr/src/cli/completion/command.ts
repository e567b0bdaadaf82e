import { type Command, defineCommand } from "../frame/command.ts";
import { exitCodes, usageError } from "../frame/exit.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const shells = Object.keys(scripts);

/** Makes the command that prints a shell's completion of all commands. */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "completion",
    summary: "Print what makes a shell complete commands and options.",
    examples: [
      ["completion bash >> ~/.bashrc", "For bash."],
      ["completion zsh > ~/.zfunc/_copernica-webhooks", "For zsh, if ~/.zfunc is in its fpath."],
      ["completion fish > ~/.config/fish/completions/copernica-webhooks.fish", "For fish."],
    ],
    operands: [{ name: "shell", optional: false, completes: shells }],
    options: {},
    notes: [
      "It completes the program's own name: install the package with npm install --global, or give npx an alias.",
    ],
    async run({ operands }, terminal) {
      const [shell = ""] = operands;
      const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
      if (script === undefined) throw usageError(`There is completion for ${shells.join(", ")}; not for ${shell}.`);
      terminal.print(script(commands()).trimEnd());
      return exitCodes.done;
    },
  });
}

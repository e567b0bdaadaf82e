import { createCompletionCommand } from "./completion/command.ts";
import type { Command } from "./frame/command.ts";
import { keysRotate, keysServe, keysShow } from "./keys/commands.ts";
import { send } from "./send/command.ts";

/** All commands, in the order of help. */
export const commands: readonly Command[] = [
  send,
  keysServe,
  keysShow,
  keysRotate,
  createCompletionCommand(() => commands),
];

import { createCompletionCommand } from "./completion/command.ts";
import { fixture } from "./fixture/command.ts";
import type { Command } from "./frame/command.ts";
import { generate } from "./generate/command.ts";
import { inboxExport } from "./inbox/export.ts";
import { inboxList } from "./inbox/list.ts";
import { inboxDiscard, inboxReplay } from "./inbox/revise.ts";
import { inboxShow } from "./inbox/show.ts";
import { inboxStats } from "./inbox/stats.ts";
import { keysRotate, keysServe, keysShow } from "./keys/commands.ts";
import { listen } from "./listen/command.ts";
import { send } from "./send/command.ts";
import { verify } from "./verify/command.ts";

/** All commands, in the order of help. */
export const commands: readonly Command[] = [
  send,
  listen,
  verify,
  fixture,
  inboxStats,
  inboxList,
  inboxShow,
  inboxReplay,
  inboxDiscard,
  inboxExport,
  generate,
  keysServe,
  keysShow,
  keysRotate,
  createCompletionCommand(() => commands),
];

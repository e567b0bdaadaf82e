import { type Command, defineCommand, jsonOption } from "../frame/command.ts";
import { exitCodes } from "../frame/exit.ts";
import { inboxOptions, withInbox } from "./open.ts";

export const inboxStats: Command = defineCommand({
  name: "inbox stats",
  summary: "Tell how many deliveries an inbox holds in each state.",
  examples: [["inbox stats --inbox inbox.db", "What waits, what is tried again, what was given up."]],
  operands: [],
  options: { ...inboxOptions, json: jsonOption },
  notes: [
    "The commands of an inbox are safe beside the server that uses it. They make no file, and leave the work and the tidying up to " +
      "the server. They need a runtime with SQLite: Node 22.13, Bun 1.4, Deno 2.2 or newer.",
  ],
  async run({ options: given }, terminal) {
    return await withInbox(given, terminal, async (inbox) => {
      const stats = await inbox.stats();
      if (given.json) {
        terminal.printJson({ type: "stats", ...stats });
        return exitCodes.done;
      }
      const { bytes, waitingSince, nextAttemptAt, ...states } = stats;
      const remarks: Readonly<Record<string, string | undefined>> = {
        available: waitingSince && `the first since ${waitingSince.toISOString()}`,
        retryable: nextAttemptAt && `the next at ${nextAttemptAt.toISOString()}`,
      };
      for (const [name, count] of Object.entries({ ...states, bytes })) {
        terminal.print(`${name.padEnd(9)}  ${[String(count), remarks[name] ?? ""].join("  ").trimEnd()}`);
      }
      return exitCodes.done;
    });
  },
});

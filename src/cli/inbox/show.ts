import type { DeliveryRecord } from "../../inbox/delivery.ts";
import type { InspectedInbox } from "../../inbox/inspect.ts";
import { type Command, defineCommand, jsonOption, redactOption } from "../frame/command.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";
import { inboxOptions, withInbox } from "./open.ts";
import { recordJson, recordLines } from "./present.ts";

export const inboxShow: Command = defineCommand({
  name: "inbox show",
  summary: "Show all that an inbox knows of a delivery: its headers, its body, and why its attempts failed.",
  examples: [
    ["inbox show --inbox inbox.db q8Zr1fUO2mGk0T7nJxW3bA5cD6eF9hIj", "The delivery of an id that inbox list told."],
  ],
  operands: [{ name: "id", optional: false, completes: undefined }],
  options: { ...inboxOptions, redact: redactOption, json: jsonOption },
  notes: [],
  async run({ operands: [id = ""], options: given }, terminal) {
    const { redact, json } = given;
    return await withInbox(given, terminal, async (inbox) => {
      const record = await findDelivery(inbox, id);
      if (json) terminal.printJson(recordJson(record, redact));
      else for (const line of recordLines(record, redact, terminal.style)) terminal.print(line);
      return exitCodes.done;
    });
  },
});

/** The delivery of an id; ends the command if there is none. */
export async function findDelivery(inbox: InspectedInbox, deliveryId: string): Promise<DeliveryRecord> {
  const record = await inbox.get(deliveryId);
  if (record !== undefined) return record;
  throw new CommandError(exitCodes.failed, `The inbox has no delivery ${JSON.stringify(deliveryId)}.`);
}

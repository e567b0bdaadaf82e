import { optional, text, withDefault } from "../../options/readers.ts";
import { type Command, defineCommand, jsonOption } from "../frame/command.ts";
import { exitCodes } from "../frame/exit.ts";
import { flag, option } from "../frame/option.ts";
import { wholeNumberText } from "../frame/readers.ts";
import { filterOf, filterOptions, PAGE_LENGTH } from "./filter.ts";
import { inboxOptions, withInbox } from "./open.ts";
import { printDelivery } from "./present.ts";

/** How many deliveries are listed if nobody says. */
const DEFAULT_LIMIT = 100;

export const inboxList: Command = defineCommand({
  name: "inbox list",
  summary: "List the deliveries of an inbox, the one that came in last first.",
  examples: [
    ["inbox list --inbox inbox.db --state discarded", "What was given up."],
    ["inbox list --inbox inbox.db --profile 4211 --since 7d", "What came in of a profile in a week."],
    ["inbox list --inbox inbox.db --all --json | jq -r .deliveryId", "The id of every delivery."],
  ],
  operands: [],
  options: {
    ...inboxOptions,
    ...filterOptions,
    limit: option(
      "N",
      `The most to list; ${DEFAULT_LIMIT} by default.`,
      withDefault(() => DEFAULT_LIMIT, wholeNumberText({})),
    ),
    cursor: option("CURSOR", "Go on behind a list that gave this cursor.", optional(text)),
    all: flag("List all, however many there are."),
    json: jsonOption,
  },
  notes: [
    "The last word of a line is the delivery's id, for inbox show. If there is more than --limit, the cursor of the rest is told on " +
      'standard error; with --json in a last line, {"type":"more","cursor":…}.',
  ],
  async run({ options: given }, terminal) {
    return await withInbox(given, terminal, async (inbox) => {
      let left = given.all ? Number.POSITIVE_INFINITY : given.limit;
      let { cursor } = given;
      do {
        const page = await inbox.list({ ...filterOf(given), limit: Math.min(left, PAGE_LENGTH), cursor });
        for (const delivery of page.deliveries) printDelivery(delivery, given.json, terminal);
        await terminal.flush();
        left -= page.deliveries.length;
        cursor = page.cursor;
      } while (cursor !== undefined && left > 0 && !terminal.stop.aborted);
      if (cursor === undefined || terminal.stop.aborted) return exitCodes.done;
      if (given.json) terminal.printJson({ type: "more", cursor });
      else terminal.note(`There are more: add --cursor=${cursor}, or --all.`);
      return exitCodes.done;
    });
  },
});

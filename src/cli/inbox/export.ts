import { optional, text } from "../../options/readers.ts";
import { captureJson } from "../call/capture.ts";
import { type Command, defineCommand, redactOption } from "../frame/command.ts";
import { exitCodes, usageError } from "../frame/exit.ts";
import { option } from "../frame/option.ts";
import { openSavedCalls } from "../listen/save.ts";
import { captureOf, redactCapture } from "./capture.ts";
import { filterOf, filterOptions, isEmpty, pagesOf } from "./filter.ts";
import { inboxOptions, withInbox } from "./open.ts";
import { findDelivery } from "./show.ts";

export const inboxExport: Command = defineCommand({
  name: "inbox export",
  summary: "Write deliveries of an inbox as captured calls, for fixture and verify.",
  examples: [
    ["inbox export --inbox inbox.db --state discarded --out calls.ndjson", "What was given up, the oldest first."],
    ["inbox export --inbox inbox.db --redact > calls.ndjson", "All of it, without personal data."],
  ],
  operands: [{ name: "id", optional: true, completes: undefined }],
  options: {
    ...inboxOptions,
    ...filterOptions,
    redact: redactOption,
    out: option("FILE", "The file to write, for you alone; standard output by default.", optional(text), {
      completes: "files",
    }),
  },
  notes: [
    "A call was verified when it came in. An inbox does not keep its signature, which could be used again: verify finds that missing, " +
      "and says whether the body is still that of its digest.",
  ],
  async run({ operands: [id], options: given }, terminal) {
    const { out, redact } = given;
    const filter = filterOf(given);
    if (id !== undefined && !isEmpty(filter)) throw usageError("Give an id or a filter, not both.");
    return await withInbox(given, terminal, async (inbox) => {
      if (id !== undefined) await findDelivery(inbox, id);
      const ids = id === undefined ? [] : [id];
      if (id === undefined) {
        for await (const page of pagesOf(inbox, filter, terminal.stop)) {
          for (const { deliveryId } of page) ids.push(deliveryId);
        }
      }
      const saved = out === undefined ? undefined : openSavedCalls(out, "w");
      let count = 0;
      for (const deliveryId of ids.reverse()) {
        if (terminal.stop.aborted) break;
        const record = await inbox.get(deliveryId);
        if (record === undefined) continue; // it was removed meanwhile
        const call = redact ? redactCapture(captureOf(record)) : captureOf(record);
        count += 1;
        if (saved === undefined) {
          terminal.printJson({ type: "call", deliveryId, ...captureJson(call) });
          if (count % FLUSH_LENGTH === 0) await terminal.flush();
        } else saved.add({ deliveryId }, call);
      }
      saved?.close();
      if (out !== undefined) terminal.note(`${out} has ${count} calls.`);
      return exitCodes.done;
    });
  },
});

/** After how many calls it is waited until they are written, so that they do not pile up in memory. */
const FLUSH_LENGTH = 100;

import type { DeliveryFilter, DeliveryState } from "../../inbox/delivery.ts";
import type { InspectedInbox } from "../../inbox/inspect.ts";
import { type Command, defineCommand, jsonOption } from "../frame/command.ts";
import { CommandError, type ExitCode, exitCodes, usageError } from "../frame/exit.ts";
import { flag } from "../frame/option.ts";
import { confirm } from "../terminal/confirm.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { filterOf, filterOptions, isEmpty, pagesOf } from "./filter.ts";
import { inboxOptions, withInbox } from "./open.ts";
import { printDelivery } from "./present.ts";
import { findDelivery } from "./show.ts";

/** A way to change the state of deliveries by hand. */
interface Revision {
  /** What it does: `replay`. */
  readonly verb: "replay" | "discard";
  /** What it has done: `replayed`. */
  readonly done: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What an example of a filter shows. */
  readonly example: readonly [filter: string, meaning: string];
  /** The states of deliveries that it can be done to, which a filter means if it names none of them. */
  readonly states: readonly DeliveryState[];
  /** What a filter means if it names no state. */
  readonly meant: readonly DeliveryState[];
  readonly notes: readonly string[];
  /** Does it to one; returns whether it was. */
  readonly act: (inbox: InspectedInbox, deliveryId: string) => Promise<boolean>;
}

export const inboxReplay: Command = revisionCommand({
  verb: "replay",
  done: "replayed",
  summary: "Have deliveries processed again, by the server that works through the inbox.",
  example: ["--event profile.create --since 2h", "What was given up of an event in two hours."],
  states: ["completed", "discarded", "retryable"],
  meant: ["discarded"],
  notes: ["It gets all its attempts anew, from the bytes that came in; your callbacks must bear that it comes twice."],
  act: async (inbox, deliveryId) => (await inbox.replay(deliveryId)) > 0,
});

export const inboxDiscard: Command = revisionCommand({
  verb: "discard",
  done: "discarded",
  summary: "Give deliveries up, so that they hold back no others; inbox replay brings them back.",
  example: ["--profile 4211", "What waits of a profile."],
  states: ["available", "retryable"],
  meant: ["available", "retryable"],
  notes: [],
  act: (inbox, deliveryId) => inbox.discard(deliveryId),
});

function revisionCommand(revision: Revision): Command {
  const { verb, done, summary, example, states, meant, notes } = revision;
  const name = `inbox ${verb}`;
  return defineCommand({
    name,
    summary,
    examples: [
      [`${name} --inbox inbox.db q8Zr1fUO2mGk0T7nJxW3bA5cD6eF9hIj`, "The delivery of an id."],
      [`${name} --inbox inbox.db ${example[0]} --dry-run`, `${example[1]} First see what it would be.`],
    ],
    operands: [{ name: "id", optional: true, completes: undefined }],
    options: {
      ...inboxOptions,
      ...filterOptions,
      "dry-run": flag(`List what would be ${done}, and change nothing.`),
      yes: flag("Do not ask: needed for a filter if nobody can be asked, since this is no terminal.", { letter: "y" }),
      json: jsonOption,
    },
    notes: [
      `Only what is ${states.join(", ")} can be ${done}; a filter without --state means ${meant.join(" and ")}.`,
      ...notes,
    ],
    async run({ operands: [id], options: given }, terminal) {
      const filter = filterOf(given);
      if ((id === undefined) === isEmpty(filter)) {
        throw usageError(`Give the id of a delivery, or a filter: ${name} --state ${meant[0]}.`);
      }
      const asked = { json: given.json, dryRun: given["dry-run"], yes: given.yes };
      return await withInbox(given, terminal, async (inbox) => {
        if (id !== undefined) return await reviseOne(inbox, id, revision, asked, terminal);
        return await reviseMany(inbox, filter, revision, asked, terminal);
      });
    },
  });
}

interface Asked {
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

async function reviseOne(
  inbox: InspectedInbox,
  id: string,
  { done, states, act }: Revision,
  { json, dryRun }: Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  const record = await findDelivery(inbox, id);
  if (dryRun && states.includes(record.state)) {
    const { url: _, headers: __, body: ___, errors: ____, ...delivery } = record;
    printDelivery(delivery, json, terminal);
    return exitCodes.done;
  }
  if (dryRun || !(await act(inbox, id))) {
    throw new CommandError(
      exitCodes.failed,
      `It is ${record.state}: only what is ${states.join(", ")} can be ${done}.`,
    );
  }
  tellCount(1, done, json, terminal);
  return exitCodes.done;
}

async function reviseMany(
  inbox: InspectedInbox,
  filter: DeliveryFilter,
  { verb, done, meant, act }: Revision,
  { json, dryRun, yes }: Asked,
  terminal: Terminal,
): Promise<ExitCode> {
  const ids: string[] = [];
  for (const state of filter.state === undefined ? meant : [filter.state]) {
    for await (const page of pagesOf(inbox, { ...filter, state }, terminal.stop)) {
      for (const delivery of page) {
        ids.push(delivery.deliveryId);
        if (dryRun) printDelivery(delivery, json, terminal);
      }
      await terminal.flush();
    }
  }
  if (dryRun) {
    terminal.note(`${ids.length} would be ${done}.`);
    return exitCodes.done;
  }
  const isAgreed = yes || ids.length === 0 || (await confirm(`${ids.length} deliveries would be ${done}.`, terminal));
  if (isAgreed === undefined) {
    throw usageError(`Nothing was ${done}: to ${verb} ${ids.length} deliveries, say --yes; --dry-run lists them.`);
  }
  if (!isAgreed) throw new CommandError(exitCodes.failed, `Nothing was ${done}.`);
  let count = 0;
  // In the order in which they came in, which is kept for each profile.
  for (const id of ids.reverse()) {
    if (terminal.stop.aborted) break;
    if (await act(inbox, id)) count += 1;
  }
  tellCount(count, done, json, terminal);
  return exitCodes.done;
}

function tellCount(count: number, done: string, json: boolean, terminal: Terminal): void {
  if (json) terminal.printJson({ type: done, count });
  else terminal.print(`${count} ${done}.`);
}

import {
  DELIVERY_STATES,
  type DeliveryFilter,
  type DeliveryState,
  type DeliverySummary,
} from "../../inbox/delivery.ts";
import type { InspectedInbox } from "../../inbox/inspect.ts";
import { oneOf, optional } from "../../options/readers.ts";
import type { OptionValues } from "../frame/command.ts";
import { type CommandOption, option } from "../frame/option.ts";
import { momentOrAge, wholeNumberText } from "../frame/readers.ts";
import { eventNames } from "../send/variables.ts";

/** The options that say which deliveries are meant. */
interface FilterOptions {
  readonly state: CommandOption<DeliveryState | undefined>;
  readonly event: CommandOption<string | undefined>;
  readonly profile: CommandOption<number | undefined>;
  readonly database: CommandOption<number | undefined>;
  readonly since: CommandOption<Date | undefined>;
  readonly until: CommandOption<Date | undefined>;
}

export const filterOptions: FilterOptions = {
  state: option("STATE", `Only those that are ${DELIVERY_STATES.join(", ")}.`, optional(oneOf(...DELIVERY_STATES)), {
    completes: DELIVERY_STATES,
  }),
  event: option("NAME", "Only those of this event.", optional(oneOf(...eventNames, "unknown")), {
    completes: eventNames,
  }),
  profile: option("ID", "Only those about this profile.", optional(wholeNumberText({ least: 0 }))),
  database: option("ID", "Only those about this database.", optional(wholeNumberText({ least: 0 }))),
  since: option("TIME", "Only those that came in then or later: 2026-11-24T10:00Z, or 2h ago.", optional(momentOrAge)),
  until: option("TIME", "Only those that came in before then.", optional(momentOrAge)),
};

/** The filter that was given. */
export function filterOf(given: OptionValues<FilterOptions>): DeliveryFilter {
  const { state, event, profile, database, since, until } = given;
  return { state, event, profile, database, receivedFrom: since, receivedBefore: until };
}

/** Whether a filter means every delivery. */
export function isEmpty(filter: DeliveryFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** As many deliveries as an inbox gives at once. */
export const PAGE_LENGTH = 1_000;

/** All deliveries that a filter means, a page at a time, the one that came in last first. */
export async function* pagesOf(
  inbox: InspectedInbox,
  filter: DeliveryFilter,
  stop: AbortSignal,
): AsyncGenerator<readonly DeliverySummary[]> {
  let cursor: string | undefined;
  do {
    const page = await inbox.list({ ...filter, limit: PAGE_LENGTH, cursor });
    yield page.deliveries;
    cursor = page.cursor;
  } while (cursor !== undefined && !stop.aborted);
}

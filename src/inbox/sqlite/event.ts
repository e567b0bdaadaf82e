import type { EventSummary } from "../delivery.ts";

/** The columns that an event is summed up in. */
export interface EventColumns {
  readonly event: string | null;
  readonly database: number | null;
  readonly collection: number | null;
  readonly profile: number | null;
  readonly subprofile: number | null;
}

/** The event of a row. */
export function eventOf({ event, database, collection, profile, subprofile }: EventColumns): EventSummary | undefined {
  if (event === null) return undefined;
  return {
    name: event,
    database: database ?? undefined,
    collection: collection ?? undefined,
    profile: profile ?? undefined,
    subprofile: subprofile ?? undefined,
  };
}

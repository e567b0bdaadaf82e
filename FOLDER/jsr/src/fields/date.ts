import { createTimestampReader, type TimestampReader } from "../events/timestamp.ts";
import { timeZone } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import { createField, type Field } from "./field.ts";

/** Options of {@link datetime} and {@link emptyDatetime}. */
export interface DatetimeOptions {
  /**
   * The IANA name of the time zone that the text is in, as it carries none itself.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string | undefined;
}

const CALENDAR_DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/**
 * A date that must be filled in, Copernica's type `date`: `YYYY-MM-DD`, a day that is in the calendar, as a Date at midnight
 * UTC (so read it with `getUTCFullYear`, `getUTCMonth`, `getUTCDate` or `toISOString`). An empty one is `null`;
 * `0000-00-00` does not fit.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function date(): Field<Date | null> {
  return createField("a date as YYYY-MM-DD", null, readDate);
}

/**
 * A date that may be left empty, Copernica's type `empty_date`: as {@link date}, and `0000-00-00`, which is how Copernica
 * stores no date, is `null` like an empty text.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function emptyDate(): Field<Date | null> {
  return createField("a date as YYYY-MM-DD, or 0000-00-00", null, (wire) =>
    wire === "0000-00-00" ? null : readDate(wire),
  );
}

/**
 * A date and time that must be filled in, Copernica's type `datetime`: `YYYY-MM-DD HH:MM:SS`, as a Date. An empty one is
 * `null`; `0000-00-00 00:00:00` does not fit.
 *
 * Copernica's documentation: "POST database field".
 *
 * @param options The time zone that the text is in, Europe/Amsterdam by default.
 * @returns The field type.
 * @throws {InvalidOptionError} An option is unknown, or the runtime does not know the time zone.
 *
 * @example
 * ```ts
 * import { database } from "copernica-webhooks";
 * import { datetime } from "copernica-webhooks/fields";
 *
 * database(12, { fields: { lastVisit: datetime({ timeZone: "UTC" }) } });
 * ```
 */
export function datetime(options: DatetimeOptions = {}): Field<Date | null> {
  return createField("a date and time as YYYY-MM-DD HH:MM:SS", null, createDatetimeReader("datetime", options));
}

/**
 * A date and time that may be left empty, Copernica's type `empty_datetime`: as {@link datetime}, and
 * `0000-00-00 00:00:00`, which is how Copernica stores none, is `null` like an empty text.
 *
 * Copernica's documentation: "POST database field".
 *
 * @param options The time zone that the text is in, Europe/Amsterdam by default.
 * @returns The field type.
 * @throws {InvalidOptionError} An option is unknown, or the runtime does not know the time zone.
 */
export function emptyDatetime(options: DatetimeOptions = {}): Field<Date | null> {
  const read = createDatetimeReader("emptyDatetime", options);
  return createField("a date and time as YYYY-MM-DD HH:MM:SS, or 0000-00-00 00:00:00", null, (wire) =>
    wire === "0000-00-00 00:00:00" ? null : read(wire),
  );
}

function readDate(wire: string): Date | undefined {
  if (!CALENDAR_DATE.test(wire)) return undefined;
  const year = Number(wire.slice(0, 4));
  const month = Number(wire.slice(5, 7));
  const day = Number(wire.slice(8));
  if (year === 0) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  // A day that the calendar lacks, such as February 30, rolls over into another month.
  return midnight.getUTCMonth() === month - 1 ? midnight : undefined;
}

function createDatetimeReader(owner: string, options: DatetimeOptions): TimestampReader {
  const settings = settleOptions(owner, options, { timeZone });
  const read = createTimestampReader(settings.timeZone);
  // A timestamp without a year is no moment, even if the rest of it is.
  return (wire) => (wire.startsWith("0000-") ? undefined : read(wire));
}

/** Transitions lie on quarters of an hour, so a zone's offset is constant within one. */
const OFFSET_BUCKET_MS = 15 * 60 * 1_000;

/** How many offsets are remembered for a zone before they are forgotten and asked for again. */
const MAX_REMEMBERED_OFFSETS = 1_024;

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The shape of Copernica's timestamps, `YYYY-MM-DD HH:MM:SS`. */
export const TIMESTAMP: RegExp = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/;

/** Reads a timestamp: the moment, or undefined if there is no such date or time. */
export type TimestampReader = (timestamp: string) => Date | undefined;

/** One reader a time zone, since making one is slow and each remembers what it learned about its zone. */
const readers = new Map<string, TimestampReader>();

/**
 * Makes the function that reads Copernica's timestamps, which carry no zone, in a time zone; once for each.
 *
 * A wall-clock time that occurs twice, when summer time ends, is the first of the two; one that does not occur, when it
 * starts, is the same number of minutes after the change.
 *
 * @param timeZone An IANA name that the runtime knows: `Europe/Amsterdam`.
 * @returns A function from `YYYY-MM-DD HH:MM:SS` to the moment, or to undefined if there is no such date or time.
 */
export function createTimestampReader(timeZone: string): TimestampReader {
  const known = readers.get(timeZone);
  if (known !== undefined) return known;
  const offsetAt = createOffsetReader(timeZone);
  const reader: TimestampReader = (timestamp) => {
    const wallClock = toWallClock(timestamp);
    if (wallClock === undefined) return undefined;
    const before = offsetAt(wallClock - DAY_MS);
    const after = offsetAt(wallClock + DAY_MS);
    const early = wallClock - before;
    if (before === after || offsetAt(early) === before) return new Date(early);
    const late = wallClock - after;
    return new Date(offsetAt(late) === after ? late : early);
  };
  readers.set(timeZone, reader);
  return reader;
}

/** A timestamp's wall-clock time as if it were UTC, in milliseconds; undefined if there is no such date or time. */
function toWallClock(timestamp: string): number | undefined {
  const parts = TIMESTAMP.exec(timestamp);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as SixNumbers; // the pattern has six groups
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const wallClock = toUtc(year, month, day, hour, minute, second);
  const date = new Date(wallClock);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? wallClock : undefined;
}

type SixNumbers = [number, number, number, number, number, number];

/** Unlike Date.UTC, it takes the years 0 to 99 for what they are. */
function toUtc(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second);
}

/** The offset of a zone from UTC at a moment, both in milliseconds; remembered, since asking the runtime is slow. */
function createOffsetReader(timeZone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const offsets = new Map<number, number>();
  return (moment) => {
    const bucket = Math.floor(moment / OFFSET_BUCKET_MS) * OFFSET_BUCKET_MS;
    let offset = offsets.get(bucket);
    if (offset === undefined) {
      const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
      for (const { type, value } of format.formatToParts(bucket))
        if (type in part) part[type as keyof typeof part] = Number(value); // just checked
      offset = toUtc(part.year, part.month, part.day, part.hour, part.minute, part.second) - bucket;
      if (offsets.size >= MAX_REMEMBERED_OFFSETS) offsets.clear();
      offsets.set(bucket, offset);
    }
    return offset;
  };
}

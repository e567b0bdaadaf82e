import { text } from "../options/readers.ts";
import { invalidOption, type OptionReader } from "../options/settle.ts";

/** Transitions lie on quarters of an hour, so a zone's offset is constant within one. */
const OFFSET_BUCKET_MS = 15 * 60 * 1_000;

/** How many offsets are remembered for a zone before they are forgotten and asked for again. */
const MAX_REMEMBERED_OFFSETS = 1_024;

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The shape of Copernica's timestamps, `YYYY-MM-DD HH:MM:SS`. */
export const TIMESTAMP: RegExp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

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

/** The time zone of Copernica, which is Dutch, and of its timestamps. */
export const DEFAULT_TIME_ZONE = "Europe/Amsterdam";

/** The IANA name of a time zone that this runtime knows, Copernica's if it is left out. */
export const timeZone: OptionReader<string> = (given, option) => {
  const zone = given === undefined ? DEFAULT_TIME_ZONE : text(given, option);
  try {
    createTimestampReader(zone);
  } catch (cause) {
    throw invalidOption(option, "an IANA time zone that this runtime knows", given, { cause });
  }
  return zone;
};

/** A timestamp's wall-clock time as if it were UTC, in milliseconds; undefined if there is no such date or time. */
function toWallClock(timestamp: string): number | undefined {
  if (!TIMESTAMP.test(timestamp)) return undefined;
  const utc = timestamp.replace(" ", "T");
  const date = new Date(`${utc}Z`);
  // Some runtimes take a date or time that does not exist for a later one: then it reads otherwise.
  return date.toJSON()?.startsWith(utc) ? date.getTime() : undefined;
}

/** The offset of a zone from UTC at a moment, both in milliseconds; remembered, since asking the runtime is slow. */
function createOffsetReader(timeZone: string): (moment: number) => number {
  // The first one takes a process some 10 ms, which no start should wait for; but a zone that was given is checked here.
  let format = timeZone === DEFAULT_TIME_ZONE ? undefined : createFormat(timeZone);
  const offsets = new Map<number, number>();
  return (moment) => {
    const bucket = Math.floor(moment / OFFSET_BUCKET_MS) * OFFSET_BUCKET_MS;
    let offset = offsets.get(bucket);
    if (offset === undefined) {
      format ??= createFormat(timeZone);
      const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(format.format(bucket)) ?? [];
      offset = (sign === "-" ? -1_000 : 1_000) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds));
      if (offsets.size >= MAX_REMEMBERED_OFFSETS) offsets.clear();
      offsets.set(bucket, offset);
    }
    return offset;
  };
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
}

/** An offset as runtimes write it: `GMT+01:00`, or `GMT` alone for none. */
const OFFSET = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/;

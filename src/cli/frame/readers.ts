import { wholeNumber } from "../../options/readers.ts";
import { invalidOption, type OptionReader } from "../../options/settle.ts";

/** A whole number, given as text. */
export function wholeNumberText(bounds: Parameters<typeof wholeNumber>[0]): OptionReader<number> {
  const read = wholeNumber(bounds);
  return (given, option) => read(typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given, option);
}

/** A port to listen at; 0 for any that is free. */
export const port: OptionReader<number> = wholeNumberText({ least: 0, most: 65_535 });

/** A number of calls a second: `50`, `50/s`, `0.5/s`. */
export const ratePerSecond: OptionReader<number> = (given, option) => {
  const rate = Number(typeof given === "string" ? /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(given)?.[1] : Number.NaN);
  if (rate > 0) return rate;
  throw invalidOption(option, "a number of calls a second: 50 or 50/s", given);
};

/** A moment: whatever JavaScript reads as a date, in milliseconds since 1970. */
export const moment: OptionReader<number> = (given, option) => {
  const time = typeof given === "string" ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw invalidOption(option, "a moment: 2026-11-24T10:00:00Z, or a date as HTTP has it", given);
};

/** A moment, or how long ago it is: `30m`, `2h`, `7d`. */
export const momentOrAge: OptionReader<Date> = (given, option) => {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(String(given)) ?? [];
  return new Date(count === undefined ? moment(given, option) : Date.now() - Number(count) * (UNITS_MS[unit] ?? 0));
};

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

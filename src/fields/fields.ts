import { InvalidOptionError } from "../errors.ts";
import { createTimestampReader, DEFAULT_TIME_ZONE, type TimestampReader } from "../events/timestamp.ts";
import { shapeOf } from "../shape.ts";
import type { SchemaResult, StandardSchema } from "../standard-schema.ts";

/**
 * A field type: a Standard Schema that reads the text of one field, at once and without a promise.
 *
 * @typeParam Output What the text is turned into.
 */
export interface Field<Output> extends StandardSchema<Output> {
  /** What the Standard Schema specification asks a schema to have; `validate` never throws and never returns a promise. */
  readonly "~standard": {
    /** The version of the specification. */
    readonly version: 1;
    /** The name of this package. */
    readonly vendor: string;
    /** Reads the text of a field; a text that does not fit, or none, gives one issue. */
    readonly validate: (value: unknown) => SchemaResult<Output>;
    /** For the type checker alone: what goes in and what comes out. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
  /** What the field type expects, in words that follow "must be": `a whole number`. */
  readonly expected: string;
}

/** Options of {@link datetime} and {@link emptyDatetime}. */
export interface DatetimeOptions {
  /**
   * The IANA name of the time zone that the text is in, as it carries none itself.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string;
}

/** The longest an email address can be, in characters: 64 before the @ and 255 behind it (RFC 5321). */
const MAX_EMAIL_LENGTH = 320;

/** The longest text that a field which is not a big one can hold, in characters, by Copernica's article on database fields. */
const MAX_PHONE_LENGTH = 255;

/** How many of its choices a select field names in {@link Field.expected}; an answer is no place for hundreds. */
const MAX_NAMED_CHOICES = 10;

/** The longest text that {@link flag} knows, in characters. */
const MAX_FLAG_LENGTH = 5;

const WHOLE_NUMBER = /^[+-]?[0-9]+$/;
const POSITIVE_WHOLE_NUMBER = /^[0-9]+$/;
const DECIMAL_NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const CALENDAR_DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u;
const CONTROL = /\p{Cc}/u;

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["0", false],
  ["false", false],
  ["no", false],
  ["nee", false],
  ["off", false],
  ["1", true],
  ["true", true],
  ["yes", true],
  ["ja", true],
  ["on", true],
]);

/**
 * A text field, Copernica's type `text`: any text; an empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function text(): Field<string | null> {
  return createField("text", null, (wire) => wire);
}

/**
 * A field for a large text, Copernica's type `big`: any text; an empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function bigText(): Field<string | null> {
  return createField("text", null, (wire) => wire);
}

/**
 * An email address, Copernica's type `email`: something, one @, something, without spaces, of at most 320 characters. An
 * empty one is `null`. Whether the address exists, only a message to it can tell.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function email(): Field<string | null> {
  return createField("an email address", null, (wire) => {
    if (wire.length > MAX_EMAIL_LENGTH || SPACE_OR_CONTROL.test(wire)) return undefined;
    const at = wire.indexOf("@");
    return at > 0 && at < wire.length - 1 && at === wire.lastIndexOf("@") ? wire : undefined;
  });
}

/**
 * A telephone number, Copernica's types `phone_gsm` and `phone_fax`: as it was entered, since numbers are written in many
 * ways; at most 255 characters and no control characters. An empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function phone(): Field<string | null> {
  return createField("a telephone number", null, (wire) =>
    wire.length <= MAX_PHONE_LENGTH && !CONTROL.test(wire) ? wire : undefined,
  );
}

/**
 * A whole number, Copernica's type `integer`, with or without a sign; an empty one is `null`. A number that a JavaScript
 * number can't hold exactly (beyond 9007199254740991 either way) does not fit.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function integer(): Field<number | null> {
  return createField("a whole number", null, (wire) => {
    if (!WHOLE_NUMBER.test(wire)) return undefined;
    const number = Number(wire);
    return Number.isSafeInteger(number) ? withoutNegativeZero(number) : undefined;
  });
}

/**
 * A number with decimals, Copernica's type `float`, with a decimal point and possibly an exponent; an empty one is `null`. A
 * decimal comma does not fit, nor does a number too large for a JavaScript number.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function float(): Field<number | null> {
  return createField("a number with a decimal point", null, (wire) => {
    if (!DECIMAL_NUMBER.test(wire)) return undefined;
    const number = Number(wire);
    return Number.isFinite(number) ? withoutNegativeZero(number) : undefined;
  });
}

/**
 * A reference to another profile, Copernica's type `foreign_key`: that profile's id, a positive whole number. An empty one
 * is `null`, and so is `0`, which refers to none.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function foreignKey(): Field<number | null> {
  return createField("the id of a profile, a positive whole number", null, (wire) => {
    if (!POSITIVE_WHOLE_NUMBER.test(wire)) return undefined;
    const id = Number(wire);
    if (id === 0) return null;
    return Number.isSafeInteger(id) ? id : undefined;
  });
}

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
 * @param options The time zone that the text is in, if not Europe/Amsterdam.
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
  return createField("a date and time as YYYY-MM-DD HH:MM:SS", null, datetimeReader("datetime", options));
}

/**
 * A date and time that may be left empty, Copernica's type `empty_datetime`: as {@link datetime}, and
 * `0000-00-00 00:00:00`, which is how Copernica stores none, is `null` like an empty text.
 *
 * Copernica's documentation: "POST database field".
 *
 * @param options The time zone that the text is in, if not Europe/Amsterdam.
 * @returns The field type.
 * @throws {InvalidOptionError} An option is unknown, or the runtime does not know the time zone.
 */
export function emptyDatetime(options: DatetimeOptions = {}): Field<Date | null> {
  const read = datetimeReader("emptyDatetime", options);
  return createField("a date and time as YYYY-MM-DD HH:MM:SS, or 0000-00-00 00:00:00", null, (wire) =>
    wire === "0000-00-00 00:00:00" ? null : read(wire),
  );
}

/**
 * A field with a choice of texts, Copernica's type `select`: one of the choices, upper and lower case told apart, with or
 * without spaces around it. An empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @typeParam Choices The choices, inferred.
 * @param choices The texts to choose from, without the `*` that marks the default in Copernica; at least one, none empty.
 * @returns The field type.
 * @throws {InvalidOptionError} There are no choices, or one of them is not a text or is empty.
 *
 * @example
 * ```ts
 * import { database } from "copernica-webhooks";
 * import { select } from "copernica-webhooks/fields";
 *
 * database(12, {
 *   fields: { status: select("prospect", "customer") },
 *   onProfileCreate(event) {
 *     if (event.fields.status === "customer") console.log("welcome"); // "prospect" | "customer" | null
 *   },
 * });
 * ```
 */
export function select<const Choices extends readonly [string, ...string[]]>(
  ...choices: Choices
): Field<Choices[number] | null> {
  if (choices.length === 0) throw new InvalidOptionError("select() needs its choices: name at least one.");
  const known = new Map<string, Choices[number]>();
  for (const choice of choices) {
    if (typeof choice !== "string" || choice === "") {
      throw new InvalidOptionError("A choice of select() is a text that is not empty: an empty field is read as null.");
    }
    known.set(choice, choice);
  }
  const expected = expectedChoice([...known.keys()]);
  return createField<Choices[number] | null>(expected, null, (wire) => known.get(wire) ?? known.get(wire.trim()));
}

/**
 * A yes or no, kept in a field of any type of Copernica's, as it has none for it: `1`, `true`, `yes`, `ja` and `on` are
 * `true`; `0`, `false`, `no`, `nee`, `off` and an empty text are `false`; upper or lower case is the same.
 *
 * @returns The field type.
 */
export function flag(): Field<boolean> {
  return createField<boolean>("yes or no, as 1, true, yes, ja or on, or as 0, false, no, nee or off", false, (wire) =>
    wire.length <= MAX_FLAG_LENGTH ? FLAGS.get(wire.toLowerCase()) : undefined,
  );
}

/** Makes a field type of what it expects, what an empty text is, and a reader that gives undefined for what does not fit. */
function createField<Output>(
  expected: string,
  empty: Output,
  read: (wire: string) => Output | undefined,
): Field<Output> {
  return {
    expected,
    "~standard": {
      version: 1,
      vendor: "copernica-webhooks",
      validate(value) {
        if (value === undefined) return issue(`missing, must be ${expected}`);
        if (value === "") return { value: empty };
        const output = typeof value === "string" ? read(value) : undefined;
        return output === undefined ? issue(`must be ${expected}, got ${shapeOf(value)}`) : { value: output };
      },
    },
  };
}

function issue(message: string): SchemaResult<never> {
  return { issues: [{ message }] };
}

/** The sign of a zero means nothing in a database, but would tell it apart from another zero in JavaScript. */
function withoutNegativeZero(number: number): number {
  return number === 0 ? 0 : number;
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

function datetimeReader(caller: string, options: DatetimeOptions): TimestampReader {
  const unknown = Object.keys(options).find((option) => option !== "timeZone");
  if (unknown !== undefined) {
    throw new InvalidOptionError(`${caller}() has no option ${JSON.stringify(unknown)}; its option is "timeZone".`);
  }
  const read = timestampReader(options.timeZone ?? DEFAULT_TIME_ZONE, caller);
  // A timestamp without a year is no moment, even where the rest of it is.
  return (wire) => (wire.startsWith("0000-") ? undefined : read(wire));
}

function timestampReader(timeZone: string, caller: string): TimestampReader {
  try {
    return createTimestampReader(timeZone);
  } catch (cause) {
    const message = `${caller}() has a time zone that this runtime does not know: ${JSON.stringify(timeZone)}.`;
    throw new InvalidOptionError(message, { cause });
  }
}

function expectedChoice(choices: readonly string[]): string {
  const named = choices.slice(0, MAX_NAMED_CHOICES).map((choice) => JSON.stringify(choice));
  const more = choices.length - named.length;
  if (more > 0) return `one of ${named.join(", ")} or ${more} more`;
  return named.length === 1 ? named.join() : `one of ${named.join(", ")}`;
}

import { invalidOption, type OptionReader, type OptionReaders, type Settled, settleNested } from "./settle.ts";

/** The longest time that a timer of any runtime takes, in milliseconds: some 24 days. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** An option that may be left out. */
export function optional<Value>(read: OptionReader<Value>): OptionReader<Value | undefined> {
  return (given, option) => (given === undefined ? undefined : read(given, option));
}

/** An option that is what `fallback` gives if it is left out. */
export function withDefault<Value>(fallback: () => Value, read: OptionReader<Value>): OptionReader<Value> {
  return (given, option) => (given === undefined ? fallback() : read(given, option));
}

/** A whole number within bounds. */
export function wholeNumber(bounds: { readonly least?: number; readonly most?: number } = {}): OptionReader<number> {
  const { least = 1, most = Number.MAX_SAFE_INTEGER } = bounds;
  return (given, option) => {
    if (typeof given === "number" && Number.isSafeInteger(given) && given >= least && given <= most) return given;
    throw invalidOption(option, `a whole number from ${least} to ${most}`, given);
  };
}

/** A number, not necessarily whole, above a bound and not above another. */
export function numberAbove(bound: number, most: number): OptionReader<number> {
  return (given, option) => {
    if (typeof given === "number" && given > bound && given <= most) return given;
    throw invalidOption(option, `a number above ${bound}, at most ${most}`, given);
  };
}

/** A text that is not empty. */
export const text: OptionReader<string> = (given, option) => {
  if (typeof given === "string" && given !== "") return given;
  throw invalidOption(option, "a text that is not empty", given);
};

/** One of a few texts. */
export function oneOf<const Choices extends readonly string[]>(...choices: Choices): OptionReader<Choices[number]> {
  return (given, option) => {
    const chosen = choices.find((choice) => choice === given);
    if (chosen !== undefined) return chosen;
    throw invalidOption(option, choices.map((choice) => JSON.stringify(choice)).join(" or "), given);
  };
}

/** A function, its parameters and result as the option's type declares them. */
export function callback<Callback extends (...parameters: never[]) => unknown>(): OptionReader<Callback> {
  return (given, option) => {
    if (typeof given === "function") return given as Callback; // no look at a function tells what it takes
    throw invalidOption(option, "a function", given);
  };
}

/** An object that has functions of these names, as the option's type declares them. */
export function objectWith<Value extends object>(...functions: readonly (keyof Value & string)[]): OptionReader<Value> {
  return (given, option) => {
    const value = given as Value; // looked at with care below
    if (typeof given === "object" && given !== null && functions.every((name) => typeof value[name] === "function")) {
      return value;
    }
    throw invalidOption(option, `an object with the functions ${functions.join(", ")}`, given);
  };
}

/** Options within an option; left out, each has its default. */
export function nested<const Readers extends OptionReaders>(readers: Readers): OptionReader<Settled<Readers>> {
  return Object.assign(
    (given: unknown, option: string) => settleNested(`${option}.`, given === undefined ? {} : given, readers),
    { readers },
  );
}

/** An option that `false` turns off. */
export function unlessFalse<Value>(read: OptionReader<Value>): OptionReader<Value | false> {
  return Object.assign(
    (given: unknown, option: string) => (given === false ? false : read(given, option)),
    read.readers && { readers: read.readers },
  );
}

/** A list, each of its items checked. */
export function listOf<Item>(isItem: (item: unknown) => boolean, expected: string): OptionReader<readonly Item[]> {
  return (given, option) => {
    if (Array.isArray(given) && given.every(isItem)) return given as readonly Item[]; // as isItem says
    throw invalidOption(option, `a list of ${expected}`, given);
  };
}

/** The number of an account at Copernica, however it is written: `1234`, `"1234"`, `"account_1234"`. */
export const accountNumber: OptionReader<number> = (given, option) => {
  const number = typeof given === "string" ? Number(/^(?:account[_-])?(\d{1,15})$/.exec(given)?.[1]) : given;
  if (typeof number === "number" && Number.isSafeInteger(number) && number > 0) return number;
  const remedy = given === "" || given === undefined ? " (is the environment variable set?)" : "";
  throw invalidOption(option, `the number of your account at Copernica, 1234 or "account_1234"${remedy}`, given);
};

/** A whole URL of HTTP. */
export const httpUrl: OptionReader<URL> = (given, option) => {
  const expected = "a whole URL, https:// included";
  let url: URL;
  try {
    url = new URL(given instanceof URL ? given.href : text(given, option));
  } catch (cause) {
    throw invalidOption(option, expected, given, { cause });
  }
  if (/^https?:$/.test(url.protocol)) return url;
  throw invalidOption(option, expected, url.href); // "localhost:3000/hook" has the scheme "localhost:", and no host
};

/** The time zone of Copernica, which is Dutch, and of its timestamps. */
export const DEFAULT_TIME_ZONE = "Europe/Amsterdam";

/** The IANA name of a time zone that this runtime knows, Copernica's if it is left out. */
export const timeZone: OptionReader<string> = (given, option) => {
  const zone = given === undefined ? DEFAULT_TIME_ZONE : text(given, option);
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch (cause) {
    throw invalidOption(option, "the IANA name of a time zone that this runtime knows", given, { cause });
  }
  return zone;
};

/** A function that tells the current time, in milliseconds since 1970; `Date.now` if it is left out. */
export const clockFunction: OptionReader<() => number> = withDefault(() => Date.now, callback());

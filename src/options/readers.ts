import { invalidOption, type OptionReader, type OptionReaders, type Settled, settleNested } from "./settle.ts";

/** The longest time that a timer of any runtime takes, in milliseconds: some 24 days. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** An option that may be left out. */
export function optional<Value>(read: OptionReader<Value>): OptionReader<Value | undefined> {
  return withDefault<Value | undefined>(() => undefined, read);
}

/** An option that is what `fallback` gives if it is left out. */
export function withDefault<Value>(fallback: () => Value, read: OptionReader<Value>): OptionReader<Value> {
  return (given, option) => (given === undefined ? fallback() : read(given, option));
}

/** An option that is taken as it was given, if it is what is expected of it. */
function takeIf<Value>(expected: string, isExpected: (given: unknown) => boolean): OptionReader<Value> {
  return (given, option) => {
    if (isExpected(given)) return given as Value; // as isExpected says
    throw invalidOption(option, expected, given);
  };
}

/** A whole number within bounds. */
export function wholeNumber(bounds: { readonly least?: number; readonly most?: number } = {}): OptionReader<number> {
  const { least = 1, most = Number.MAX_SAFE_INTEGER } = bounds;
  return takeIf(`a whole number from ${least} to ${most}`, (given) => {
    return typeof given === "number" && Number.isSafeInteger(given) && given >= least && given <= most;
  });
}

/** A number, not necessarily whole, above a bound and not above another. */
export function numberAbove(bound: number, most: number): OptionReader<number> {
  return takeIf(`a number above ${bound}, at most ${most}`, (given) => {
    return typeof given === "number" && given > bound && given <= most;
  });
}

/** A number, not necessarily whole, from one bound to another. */
export function numberWithin(least: number, most: number): OptionReader<number> {
  return (given, option) => {
    if (typeof given === "number" && given >= least && given <= most) return given;
    throw invalidOption(option, `a number from ${least} to ${most}`, given);
  };
}

/** Yes or no. */
export const trueOrFalse: OptionReader<boolean> = (given, option) => {
  if (typeof given === "boolean") return given;
  throw invalidOption(option, "true or false", given);
};

/** A time. */
export const date: OptionReader<Date> = (given, option) => {
  if (given instanceof Date && Number.isFinite(given.getTime())) return given;
  throw invalidOption(option, "a valid Date", given);
};

/** A text that is not empty. */
export const text: OptionReader<string> = takeIf("a text that is not empty", (given) => {
  return typeof given === "string" && given !== "";
});

/** One of a few texts. */
export function oneOf<const Choices extends readonly string[]>(...choices: Choices): OptionReader<Choices[number]> {
  const expected = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  return takeIf(expected, (given) => choices.some((choice) => choice === given));
}

/** A function, its parameters and result as the option's type declares them, since no look at it tells what it takes. */
export function callback<Callback extends (...parameters: never[]) => unknown>(): OptionReader<Callback> {
  return takeIf("a function", (given) => typeof given === "function");
}

/** An object that has functions of these names, as the option's type declares them. */
export function objectWith<Value extends object>(...functions: readonly (keyof Value & string)[]): OptionReader<Value> {
  return takeIf(`an object with the functions ${functions.join(", ")}`, (given) => {
    if (typeof given !== "object" || given === null) return false;
    return functions.every((name) => typeof (given as Value)[name] === "function"); // whatever its members are
  });
}

/** Options within an option; left out, each has its default. */
export function nested<const Readers extends OptionReaders>(readers: Readers): OptionReader<Settled<Readers>> {
  return Object.assign(
    (given: unknown, option: string) => settleNested(option, ".", given === undefined ? {} : given, readers),
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
  return takeIf(`a list of ${expected}`, (given) => Array.isArray(given) && given.every(isItem));
}

/** The number of an account at Copernica, however it is written: `1234`, `"1234"`, `"account_1234"`. */
export const accountNumber: OptionReader<number> = (given, option) => {
  const number = typeof given === "string" ? Number(/^(?:account[_-])?(\d{1,15})$/.exec(given)?.[1]) : given;
  if (typeof number === "number" && Number.isSafeInteger(number) && number > 0) return number;
  const remedy = given === "" || given === undefined ? " (is the environment variable set?)" : "";
  throw invalidOption(option, `your account at Copernica, 1234 or "account_1234"${remedy}`, given);
};

/** A whole URL of HTTP. */
export const httpUrl: OptionReader<URL> = (given, option) => {
  const href = given instanceof URL ? given.href : given;
  let cause: unknown;
  try {
    const url = new URL(text(href, option));
    if (/^https?:$/.test(url.protocol)) return url; // "localhost:3000/hook" has the scheme "localhost:", and no host
  } catch (error) {
    cause = error;
  }
  throw invalidOption(option, "a whole URL, https:// included", href, { cause });
};

/** A function that tells the current time, in milliseconds since 1970; `Date.now` if it is left out. */
export const clockFunction: OptionReader<() => number> = withDefault(() => Date.now, callback());

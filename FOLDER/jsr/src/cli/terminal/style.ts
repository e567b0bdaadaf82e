import { styleText } from "node:util";

/** Marks parts of a text for a terminal, or leaves them as they are. */
export interface Style {
  /** For headings and names. */
  readonly bold: (text: string) => string;
  /** For what can be passed over. */
  readonly dim: (text: string) => string;
  /** For what is right. */
  readonly green: (text: string) => string;
  /** For what is wrong. */
  readonly red: (text: string) => string;
  /** For what to look at. */
  readonly yellow: (text: string) => string;
}

/** Makes the marks of a stream, with or without colors. */
export function createStyle(colored: boolean): Style {
  const mark = (format: "bold" | "dim" | "green" | "red" | "yellow") => (text: string) =>
    colored ? styleText(format, text, { validateStream: false }) : text;
  return { bold: mark("bold"), dim: mark("dim"), green: mark("green"), red: mark("red"), yellow: mark("yellow") };
}

/** What decides over colors, beside the stream. */
export interface ColorSettings {
  /** The variables of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether `--no-color` was given. */
  readonly refused: boolean;
}

/** Whether a stream gets colors: the flag first, then NO_COLOR and FORCE_COLOR, then what the stream is. */
export function hasColors(isTerminal: boolean, { environment, refused }: ColorSettings): boolean {
  if (refused || isSet(environment.NO_COLOR)) return false;
  if (environment.FORCE_COLOR !== undefined)
    return environment.FORCE_COLOR !== "0" && environment.FORCE_COLOR !== "false";
  return isTerminal && environment.TERM !== "dumb";
}

/** https://no-color.org: whatever its value, unless that is empty. */
function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "";
}

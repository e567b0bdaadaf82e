import type { FormTree, FormValue } from "../../form/tree.ts";
import { invalidOption, type OptionReader } from "../../options/settle.ts";
import { pathOf } from "../send/variables.ts";
import type { ReceivedEvent } from "./received.ts";

/** A condition on a variable of an event. */
export interface Condition {
  /** The keys that lead to it. */
  readonly path: readonly string[];
  /** How it is compared: the same, another, or containing, whatever the case. */
  readonly operator: "=" | "!=" | "~=";
  /** What it is compared with. */
  readonly value: string;
}

/** Reads `fields.email~=example`, `database=12`, `fields.city!=Delft`. */
export const condition: OptionReader<Condition> = (given, option) => {
  const parsed = parseCondition(String(given));
  if (parsed !== undefined) return parsed;
  throw invalidOption(
    option,
    "a condition on a variable: database=12, fields.city!=Delft or fields.email~=example",
    given,
  );
};

/** Reads a condition; undefined if the text is none. */
export function parseCondition(text: string): Condition | undefined {
  const [, name = "", operator, value = ""] = /^(.+?)(!=|~=|=)(.*)$/s.exec(text) ?? [];
  if (operator !== "=" && operator !== "!=" && operator !== "~=") return undefined;
  return { path: pathOf(name), operator, value };
}

/** Which events are shown and forwarded. */
export interface Filter {
  /** The names that are; all, if there are none. */
  readonly names: readonly string[];
  /** The conditions that all must hold. */
  readonly conditions: readonly Condition[];
}

/** Whether an event passes. What could not be read passes only if nothing is asked for. */
export function passes({ names, conditions }: Filter, { name, variables }: ReceivedEvent): boolean {
  if (names.length > 0 && !names.includes(name)) return false;
  return conditions.every((one) => holds(one, variables));
}

function holds({ path, operator, value }: Condition, variables: FormTree | undefined): boolean {
  const found = path.reduce<FormValue | undefined>(
    (tree, key) => (typeof tree === "object" && Object.hasOwn(tree, key) ? tree[key] : undefined),
    variables,
  );
  const text = typeof found === "string" ? found : undefined;
  if (operator === "~=") return text?.toLowerCase().includes(value.toLowerCase()) === true;
  return (text === value) === (operator === "=");
}

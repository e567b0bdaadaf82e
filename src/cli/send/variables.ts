import type { EventName } from "../../events/map.ts";
import { samples } from "../../events/samples.ts";
import type { Variables, VariableValue } from "../../form/encode.ts";
import { invalidOption, type OptionReader } from "../../options/settle.ts";
import { usageError } from "../frame/exit.ts";
import { readInput } from "../frame/files.ts";

/** An event to send. */
export interface OutgoingEvent {
  /** Its name, for those who watch. */
  readonly name: string;
  /** What it holds. */
  readonly variables: Variables;
}

/** The names of all events. */
export const eventNames: readonly EventName[] = Object.keys(samples) as EventName[]; // as samples says

/** A variable to set, and its value. */
export interface Assignment {
  /** The keys that lead to it. */
  readonly path: readonly string[];
  /** Its value, in which `{n}` stands for the number of the call. */
  readonly value: string;
}

/** Reads `fields.email=x`, or, of keys that have dots, `fields[e.mail]=x`. */
export const assignment: OptionReader<Assignment> = (given, option) => {
  const [, left = "", value] = /^([^=]+)=(.*)$/s.exec(String(given)) ?? [];
  if (value === undefined) throw invalidOption(option, "a variable with its value, fields.email=a@example.com", given);
  return { path: pathOf(left), value };
};

/** The keys of a variable's name: dots separate them, and brackets hold those that have dots themselves. */
export function pathOf(name: string): readonly string[] {
  return [...name.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, bracketed, plain]) => bracketed ?? plain ?? "");
}

/** The events that a command line asks for: samples, or those of a file. */
export async function chooseEvents(
  name: string | undefined,
  file: string | undefined,
): Promise<readonly OutgoingEvent[]> {
  if (file === undefined) {
    if (name === undefined) throw usageError(`send needs an event: ${eventNames.join(", ")}, or all; or a --file.`);
    const chosen = name === "all" ? eventNames : eventNames.filter((known) => known === name);
    return chosen.map((chosenName) => ({ name: chosenName, variables: samples[chosenName] }));
  }
  if (name === "all") throw usageError("A --file holds one event: leave all out.");
  const variables = await readVariables(file);
  const sample = eventNames.find((known) => known === name);
  if (sample === undefined) return [{ name: String(variables.type ?? "event"), variables }];
  return [{ name: sample, variables: { type: samples[sample].type ?? "", ...variables } }];
}

async function readVariables(file: string): Promise<Variables> {
  const text = new TextDecoder().decode(await readInput(file));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw usageError(`${file} is no JSON (${cause instanceof Error ? cause.message : cause}).`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Variables; // JSON has no more
  throw usageError(`${file} must hold a JSON object: the event's variables.`);
}

/** The variables of the call of this number: those of the event, and what was set. */
export function assign(variables: Variables, assignments: readonly Assignment[], number: number): Variables {
  return assignments.reduce(
    (assigned, { path, value }) => assignOne(assigned, path, value.replaceAll("{n}", String(number))),
    variables,
  );
}

function assignOne(container: VariableValue | undefined, path: readonly string[], value: string): Variables {
  const [key = "", ...rest] = path;
  const entries = typeof container === "object" && container !== null ? Object.entries(container) : [];
  const current = entries.find(([name]) => name === key)?.[1];
  const changed = rest.length === 0 ? value : assignOne(current, rest, value);
  if (current === undefined) return Object.fromEntries([...entries, [key, changed]]);
  return Object.fromEntries(entries.map(([name, kept]) => [name, name === key ? changed : kept]));
}

import { type Failure, StructError } from "superstruct";
import type { FormTree, FormValue } from "../form/tree.ts";
import { shapeOf } from "../shape.ts";
import { InvalidEventError } from "./error.ts";
import type { UnknownEvent, WebhookEvent } from "./event.ts";
import { callbackNames, events, listVariables } from "./map.ts";
import { createTimestampReader } from "./timestamp.ts";
import { type Kind, kinds, type VariableKinds } from "./variables.ts";

/**
 * Makes the function that understands a decoded body: which event it is, and what its variables hold.
 *
 * @param timeZone The time zone of the timestamps: an IANA name that the runtime knows.
 * @returns The function; it throws an `InvalidEventError` if a variable of a known event is missing or malformed.
 */
export function createEventReader(timeZone: string): (tree: FormTree) => WebhookEvent | UnknownEvent {
  const readTimestamp = createTimestampReader(timeZone);
  return (tree) => {
    const type = tree.type;
    if (typeof type !== "string") {
      throw new InvalidEventError([{ variable: "type", expected: "the type of an event", received: shapeOf(type) }]);
    }
    const schema = schemasByType.get(type)?.find(({ marker }) => marker === undefined || marker in tree);
    if (schema === undefined) return { name: "unknown", type, raw: tree };
    // Not by a struct of superstruct, which takes longer and is more code than all events; what does not fit is told as one does.
    const event: GrowingEvent = { name: schema.name, type, raw: tree };
    const failures: Failure[] = [];
    for (const { variable, kind, isRequired, isUnclear } of schema.variables) {
      const sent = tree[variable];
      if (sent === undefined && !isRequired) continue;
      const value = kind.read(sent);
      if (value !== undefined) event[variable] = value;
      else if (!isUnclear) failures.push(...explain(variable, kind, sent));
    }
    const [first, ...others] = failures;
    if (first !== undefined) {
      const faults = failures.map(({ path, message, value }) => {
        return { variable: path.join("."), expected: message, received: shapeOf(value) };
      });
      const cause = new StructError(first, function* () {
        yield* others;
      });
      throw new InvalidEventError(faults, { cause });
    }
    const { time, timestamp } = event;
    if (time !== undefined) event.occurredAt = new Date(time * 1_000);
    else if (timestamp !== undefined) {
      event.occurredAt = readTimestamp(timestamp);
      if (event.occurredAt === undefined) {
        const expected = "an existing date and time, if time is not sent";
        throw new InvalidEventError([{ variable: "timestamp", expected, received: shapeOf(timestamp) }]);
      }
    }
    return event as unknown as WebhookEvent; // made by the same definition as the type
  };
}

/** An event while it is made. */
interface GrowingEvent {
  [variable: string]: unknown;
  raw: FormTree;
  timestamp?: string;
  time?: number;
  occurredAt?: Date | undefined;
}

interface EventSchema {
  readonly name: string;
  readonly marker: string | undefined;
  readonly variables: readonly VariableReader[];
}

/** The schemas of the events of each `type`: those with a marker, which say more, before the one without. */
const schemasByType: ReadonlyMap<string, readonly EventSchema[]> = makeSchemas();

function makeSchemas(): Map<string, EventSchema[]> {
  const byType = new Map<string, EventSchema[]>();
  for (const callback of callbackNames) {
    const definition = events[callback];
    const marker = "marker" in definition ? definition.marker : undefined;
    const variables = Object.entries(listVariables(callback)).map(([variable, marked]) => makeReader(variable, marked));
    const schema: EventSchema = { name: definition.name, marker, variables };
    for (const type of definition.types) {
      const schemas = byType.get(type) ?? [];
      byType.set(type, marker === undefined ? [...schemas, schema] : [schema, ...schemas]);
    }
  }
  return byType;
}

interface VariableReader {
  readonly variable: string;
  readonly kind: Kind<unknown>;
  readonly isRequired: boolean;
  readonly isUnclear: boolean;
}

function makeReader(variable: string, marked: string): VariableReader {
  const isUnclear = marked.endsWith("~");
  const isRequired = !isUnclear && !marked.endsWith("?");
  const kind = kinds[(isRequired ? marked : marked.slice(0, -1)) as keyof VariableKinds]; // a kind and its mark
  return { variable, kind, isRequired, isUnclear };
}

/** Says which variable does not fit: of fields, which of them. */
function explain(variable: string, kind: Kind<unknown>, sent: FormValue | undefined): Failure[] {
  if (kind !== kinds.fields || typeof sent !== "object") return [fail([variable], sent, kind.expected)];
  const unfit = Object.entries(sent).filter(([, value]) => typeof value !== "string");
  return unfit.map(([name, value]) => fail([variable, name], value, kinds.text.expected));
}

/** A failure as superstruct has it. */
function fail(path: string[], value: FormValue | undefined, message: string): Failure {
  return { path, key: path.at(-1), value, message, type: "variable", refinement: undefined, branch: [value] };
}

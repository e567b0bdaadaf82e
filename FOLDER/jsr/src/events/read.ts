import { Struct } from "superstruct";
import type { FormTree, FormValue } from "../form/tree.ts";
import { shapeOf } from "../shape.ts";
import { InvalidEventError } from "./error.ts";
import type { UnknownEvent, WebhookEvent } from "./event.ts";
import { callbackNames, events, variablesOf } from "./map.ts";
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
    const [error, event] = schema.struct.validate(tree, { coerce: true });
    if (error !== undefined) {
      const faults = error.failures().map(({ path, message, value }) => {
        return { variable: path.join("."), expected: message, received: shapeOf(value) };
      });
      throw new InvalidEventError(faults, { cause: error });
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
    return event as unknown as WebhookEvent; // the struct is made of the same definition as the type
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
  readonly marker: string | undefined;
  readonly struct: Struct<GrowingEvent, null>;
}

/** The schemas of the events of each `type`: those with a marker, which say more, before the one without. */
const schemasByType: ReadonlyMap<string, readonly EventSchema[]> = makeSchemas();

function makeSchemas(): Map<string, EventSchema[]> {
  const byType = new Map<string, EventSchema[]>();
  for (const callback of callbackNames) {
    const definition = events[callback];
    const marker = "marker" in definition ? definition.marker : undefined;
    const schema: EventSchema = { marker, struct: makeStruct(definition.name, variablesOf(callback)) };
    for (const type of definition.types) {
      const schemas = byType.get(type) ?? [];
      byType.set(type, marker === undefined ? [...schemas, schema] : [schema, ...schemas]);
    }
  }
  return byType;
}

/**
 * The struct that makes an event of a tree: its documented variables alone, each read as its kind. One struct for the whole
 * event, since one for each variable takes several times as long.
 */
function makeStruct(name: string, variables: { readonly [variable: string]: string }): Struct<GrowingEvent, null> {
  const readers = Object.entries(variables).map(([variable, marked]) => makeReader(variable, marked));
  return new Struct<GrowingEvent, null>({
    type: name,
    schema: null,
    coercer(tree) {
      const raw = tree as FormTree; // the event reader passes nothing else
      const event: GrowingEvent = { name, type: raw.type, raw };
      for (const { variable, kind, isRequired } of readers) {
        const sent = raw[variable];
        if (sent === undefined && !isRequired) continue;
        const value = kind.read(sent);
        if (value !== undefined) event[variable] = value;
      }
      return event;
    },
    validator(made) {
      const event = made as GrowingEvent; // the coercer made it
      const failures = [];
      for (const { variable, kind, isRequired, isUnclear } of readers) {
        if (event[variable] !== undefined || isUnclear) continue;
        const sent = event.raw[variable];
        if (isRequired || sent !== undefined) failures.push(...explain(variable, kind, sent));
      }
      return failures;
    },
  });
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

interface VariableFailure {
  readonly path: string[];
  readonly value: unknown;
  readonly message: string;
}

/** Says which variable does not fit: of fields, which of them. */
function explain(variable: string, kind: Kind<unknown>, sent: FormValue | undefined): VariableFailure[] {
  if (kind !== kinds.fields || typeof sent !== "object")
    return [{ path: [variable], value: sent, message: kind.expected }];
  const nested = Object.entries(sent).filter(([, value]) => typeof value !== "string");
  return nested.map(([name, value]) => ({ path: [variable, name], value, message: kinds.text.expected }));
}

import { Struct } from "superstruct";
import { RequestError } from "../errors.ts";
import { decodeForm, decodeJson } from "../form/decode.ts";
import type { FormTree, FormValue } from "../form/tree.ts";
import { shapeOf } from "../shape.ts";
import { InvalidEventError } from "./error.ts";
import {
  events,
  type Fields,
  type Interests,
  type UnknownEvent,
  type VariableKinds,
  type WebhookEvent,
} from "./events.ts";
import { createTimestampReader, DEFAULT_TIME_ZONE, TIMESTAMP } from "./timestamp.ts";

/** How {@link parseEvent} reads an event. */
export interface ParseOptions {
  /**
   * The IANA name of the time zone of Copernica's timestamps.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string;
}

/**
 * Turns a received body into a typed event, without a handler around it and without looking at who sent it.
 *
 * @param body The bytes received, or their text.
 * @param contentType The `Content-Type` header: a form's or JSON's, with or without parameters.
 * @param options How to read it.
 * @returns The event; one of an unknown type has the name `unknown`.
 * @throws {RequestError} Where the content type is another one.
 * @throws {RequestError} Where the body is not what its content type says, or over a bound.
 * @throws {InvalidEventError} Where a variable of a known event is missing or malformed.
 * @throws {RangeError} Where the runtime does not know the time zone.
 *
 * @example
 * ```ts
 * import { parseEvent } from "copernica-webhooks";
 *
 * const event = parseEvent(
 *   "type=delete&profile=1&database=2&timestamp=2026-11-24+10:00:00",
 *   "application/x-www-form-urlencoded",
 * );
 * if (event.name === "profile.delete") console.log(event.profile, event.occurredAt);
 * ```
 */
export function parseEvent(
  body: Uint8Array | string,
  contentType: string | null,
  options: ParseOptions = {},
): WebhookEvent | UnknownEvent {
  return createEventReader(options.timeZone ?? DEFAULT_TIME_ZONE)(decodeBody(body, contentType));
}

const FORM = "application/x-www-form-urlencoded";

/** Decodes a body to the tree of its variables, by its content type. */
export function decodeBody(body: Uint8Array | string, contentType: string | null): FormTree {
  const mediaType = contentType === FORM ? FORM : contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === FORM) return decodeForm(body);
  if (mediaType === "application/json") return decodeJson(body);
  throw new RequestError("unsupported_content_type", `Send the event as ${FORM} or application/json.`);
}

/** Makes the function that understands a decoded body: which event it is, and what its variables hold. */
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
        const expected = "an existing date and time, where time is not sent";
        throw new InvalidEventError([{ variable: "timestamp", expected, received: shapeOf(timestamp) }]);
      }
    }
    return event as unknown as WebhookEvent; // the struct is made of the same definition as the type
  };
}

/** How the variables of a kind are read. */
interface Kind<Value> {
  /** What is expected of them, in words. */
  readonly expected: string;
  /** Reads what was sent, undefined where nothing was; returns undefined where it does not fit. */
  readonly read: (sent: FormValue | undefined) => Value | undefined;
}

const kinds: { readonly [Name in keyof VariableKinds]: Kind<VariableKinds[Name]> } = {
  id: { expected: "a positive whole number", read: (sent) => readNumber(sent, 1) },
  text: { expected: "text", read: readText },
  timestamp: { expected: "a time as YYYY-MM-DD HH:MM:SS", read: readTimestampText },
  time: { expected: "a Unix time in seconds", read: (sent) => readNumber(sent, 0) },
  parameters: { expected: "a map", read: readMap },
  fields: { expected: "a map of texts", read: readFields },
  interests: { expected: "a list of names, or a map of names to 1 or 0", read: readInterests },
  tags: { expected: "a list of texts", read: readTags },
};

/** Of as many digits a number is exact, and as a Unix time within what a Date can hold. */
const NUMBER = /^\d{1,12}$/;

function readNumber(sent: FormValue | undefined, least: number): number | undefined {
  if (typeof sent !== "string" || !NUMBER.test(sent)) return undefined;
  const number = Number(sent);
  return number >= least ? number : undefined;
}

function readText(sent: FormValue | undefined): string | undefined {
  return typeof sent === "string" ? sent : undefined;
}

function readTimestampText(sent: FormValue | undefined): string | undefined {
  return typeof sent === "string" && TIMESTAMP.test(sent) ? sent : undefined;
}

const emptyMap: FormTree = Object.freeze(Object.create(null));

/** PHP sends nothing for an empty map, and other senders an empty text. */
function readMap(sent: FormValue | undefined): FormTree | undefined {
  if (sent === undefined || sent === "") return emptyMap;
  return typeof sent === "object" ? sent : undefined;
}

function readFields(sent: FormValue | undefined): Fields | undefined {
  const map = readMap(sent);
  for (const name in map) if (typeof map[name] !== "string") return undefined;
  return map as Fields | undefined; // every value was just seen to be a text
}

/** Interests come as a list of names, as name → 1 or 0, and either of these within groups. */
function readInterests(sent: FormValue | undefined): Interests | undefined {
  const map = typeof sent === "string" && sent !== "" ? { 0: sent } : readMap(sent);
  if (map === undefined) return undefined;
  const interests: { [interest: string]: boolean } = Object.create(null);
  collectInterests(map, interests);
  return interests;
}

function collectInterests(sent: FormTree, interests: { [interest: string]: boolean }): void {
  const list = isList(sent);
  for (const key in sent) {
    const value = sent[key];
    if (value === undefined) continue;
    if (typeof value === "object") collectInterests(value, interests);
    else if (list || (INDEX.test(key) && !FLAG.test(value))) interests[value] = true;
    else interests[key] = interests[key] === true || !NO.test(value); // once, in any of its groups, is enough
  }
}

const INDEX = /^\d+$/;
const FLAG = /^[01]?$/;
const NO = /^(?:0|no|false|)$/i;

/** Whether the keys are 0, 1, … without a gap. */
function isList(map: FormTree): boolean {
  let index = 0;
  for (const key in map) {
    if (key !== String(index)) return false;
    index += 1;
  }
  return true;
}

/** Tags come as a list; a single one may come as a text. */
function readTags(sent: FormValue | undefined): readonly string[] | undefined {
  if (typeof sent === "string" && sent !== "") return [sent];
  const fields = readFields(sent);
  return fields === undefined ? undefined : Object.values(fields);
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
  for (const definition of Object.values(events)) {
    const marker = "marker" in definition ? definition.marker : undefined;
    const schema: EventSchema = { marker, struct: makeStruct(definition.name, definition.variables) };
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
  const readers = Object.entries(variables).map(([variable, descriptor]) => makeReader(variable, descriptor));
  return new Struct<GrowingEvent, null>({
    type: name,
    schema: null,
    coercer(tree) {
      const raw = tree as FormTree; // the event reader passes nothing else
      const event: GrowingEvent = { name, type: raw.type, raw };
      for (const { variable, kind, required } of readers) {
        const sent = raw[variable];
        if (sent === undefined && !required) continue;
        const value = kind.read(sent);
        if (value !== undefined) event[variable] = value;
      }
      return event;
    },
    validator(made) {
      const event = made as GrowingEvent; // the coercer made it
      const failures = [];
      for (const { variable, kind, required, doubtful } of readers) {
        if (event[variable] !== undefined || doubtful) continue;
        const sent = event.raw[variable];
        if (required || sent !== undefined) failures.push(...explain(variable, kind, sent));
      }
      return failures;
    },
  });
}

interface VariableReader {
  readonly variable: string;
  readonly kind: Kind<unknown>;
  readonly required: boolean;
  readonly doubtful: boolean;
}

function makeReader(variable: string, descriptor: string): VariableReader {
  const doubtful = descriptor.endsWith("~");
  const required = !doubtful && !descriptor.endsWith("?");
  const kind = kinds[(required ? descriptor : descriptor.slice(0, -1)) as keyof VariableKinds]; // a kind and its mark
  return { variable, kind, required, doubtful };
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

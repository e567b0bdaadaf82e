import { fromBase64, toBase64 } from "../../signature/base64.ts";
import type { TxtRecords } from "../../signature/dns.ts";
import type { Call } from "./call.ts";

/** A call that came in, with what is needed to verify it at any time later. */
export interface CapturedCall extends Call {
  /** When it came, in milliseconds since 1970; undefined if nobody knows. */
  readonly receivedAt: number | undefined;
  /** The records of its key in DNS at that time, since keys rotate; undefined if nobody looked. */
  readonly keyRecords: TxtRecords | undefined;
}

/** A captured call as JSON; `listen --json` prints it, with more. */
export interface CaptureJson {
  readonly receivedAt?: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** In base64. */
  readonly body: string;
  readonly keyRecords?: TxtRecords | undefined;
}

/** A captured call, to be written as JSON. */
export function captureJson({ receivedAt, method, target, headers, body, keyRecords }: CapturedCall): CaptureJson {
  const time = receivedAt === undefined ? undefined : new Date(receivedAt).toISOString();
  return { receivedAt: time, method, target, headers, body: toBase64(body), keyRecords };
}

/** Reads a captured call; undefined if the value is none. */
export function readCaptureJson(value: unknown): CapturedCall | undefined {
  const { method, target, headers, body, receivedAt, keyRecords } = (value ?? {}) as Partial<CaptureJson>; // looked at below
  if (typeof method !== "string" || typeof target !== "string" || typeof body !== "string") return undefined;
  if (!isHeaders(headers) || !isRecords(keyRecords)) return undefined;
  const bytes = fromBase64(body);
  if (bytes === undefined) return undefined;
  const time = typeof receivedAt === "string" ? Date.parse(receivedAt) : Number.NaN;
  return { method, target, headers, body: bytes, receivedAt: Number.isNaN(time) ? undefined : time, keyRecords };
}

function isHeaders(headers: unknown): headers is CaptureJson["headers"] {
  return isList(headers, (header) => isList(header, isText));
}

function isRecords(records: unknown): records is TxtRecords | undefined {
  return records === undefined || isList(records, (strings) => isList(strings, isText));
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

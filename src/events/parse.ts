import { decodeBody, decodeText } from "../form/body.ts";
import { settleOptions } from "../options/settle.ts";
import type { UnknownEvent, WebhookEvent } from "./event.ts";
import { createEventReader } from "./read.ts";
import { timeZone } from "./timestamp.ts";

/** How {@link parseEvent} reads an event. */
export interface ParseOptions {
  /**
   * The IANA name of the time zone of Copernica's timestamps.
   *
   * @default "Europe/Amsterdam"
   */
  readonly timeZone?: string | undefined;
}

/**
 * Turns a received body into a typed event, without a handler around it and without looking at who sent it.
 *
 * @param body The bytes received, or their text.
 * @param contentType The `Content-Type` header: a form's or JSON's, with or without parameters.
 * @param options How to read it.
 * @returns The event; one of an unknown type has the name `unknown`.
 * @throws {InvalidOptionError} If an option is unknown, or the runtime does not know the time zone.
 * @throws {RequestError} If the content type is another one.
 * @throws {RequestError} If the body is not what its content type says, or over a bound.
 * @throws {InvalidEventError} If a variable of a known event is missing or malformed.
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
  const settings = settleOptions("parseEvent", options, { timeZone });
  const tree = typeof body === "string" ? decodeText(body, contentType) : decodeBody(body, contentType);
  return createEventReader(settings.timeZone)(tree);
}

import { RequestError } from "../errors.ts";
import { decodeForm, decodeJson } from "../form/decode.ts";
import type { FormTree } from "../form/tree.ts";
import { timeZone } from "../options/readers.ts";
import { settleOptions } from "../options/settle.ts";
import type { UnknownEvent, WebhookEvent } from "./event.ts";
import { createEventReader } from "./read.ts";

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
  return createEventReader(settings.timeZone)(decodeBody(body, contentType));
}

const FORM = "application/x-www-form-urlencoded";

/** Decodes a body to the tree of its variables, by its content type. */
export function decodeBody(body: Uint8Array | string, contentType: string | null): FormTree {
  const mediaType = contentType === FORM ? FORM : contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === FORM) return decodeForm(body);
  if (mediaType === "application/json") return decodeJson(body);
  throw new RequestError("unsupported_content_type", `Send the event as ${FORM} or application/json.`);
}

import { decodeForm } from "../../form/decode.ts";
import { encodeForm } from "../../form/encode.ts";
import type { Call } from "../call/call.ts";

/** A body as it may have been sent. */
export interface ChangedBody {
  /** Its bytes. */
  readonly body: Uint8Array;
  /** What happened to it on its way, in words. */
  readonly change: string;
}

/** The bodies that may have been sent. */
export function* changedBodies({ body }: Call): Generator<ChangedBody> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  for (const [changed, change] of textChanges(text)) yield { body: new TextEncoder().encode(changed), change };
  yield { body: Buffer.from(text, "latin1"), change: "The body was sent in Latin-1, and converted to UTF-8." };
  yield {
    body: Buffer.from(Buffer.from(body).toString("latin1"), "utf8"),
    change: "The body was sent in UTF-8, and converted to Latin-1.",
  };
}

type TextChange = readonly [text: string, change: string];

function* textChanges(text: string): Generator<TextChange> {
  const unix = text.replaceAll("\r\n", "\n");
  yield [unix, "Line ends were changed from LF to CRLF."];
  yield [unix.replaceAll("\n", "\r\n"), "Line ends were changed from CRLF to LF."];
  yield [`${text}\n`, "A line end was taken away at the end of the body."];
  yield [`${text}\r\n`, "A line end was taken away at the end of the body."];
  yield [text.replace(/\r?\n$/, ""), "A line end was added at the end of the body."];
  yield [text.trim(), "White space was added around the body."];
  yield [text.replace(/^\ufeff/, ""), "A byte order mark was added to the body."];
  yield* jsonChanges(text);
  yield* formChanges(text);
}

function* formChanges(text: string): Generator<TextChange> {
  const change = "The form was decoded and encoded again.";
  const styles = [
    (form: string) => form,
    (form: string) => form.replaceAll("%5B", "[").replaceAll("%5D", "]"),
    (form: string) => form.replaceAll("[", "%5B").replaceAll("]", "%5D"),
    (form: string) => form.replace(/%5B\d+%5D=/gi, "%5B%5D="),
    (form: string) =>
      form
        .replace(/(?:%5B|\[)\d+(?:%5D|\])=/gi, "[]=")
        .replaceAll("%5B", "[")
        .replaceAll("%5D", "]"),
  ];
  const spaces = [
    (form: string) => form,
    (form: string) => form.replaceAll("+", "%20"),
    (form: string) => form.replaceAll("%20", "+"),
  ];
  const cases = [
    (form: string) => form,
    (form: string) => form.replace(/%[0-9a-f]{2}/gi, (code) => code.toLowerCase()),
    (form: string) => form.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase()),
  ];
  for (const form of [text, encodedAgain(text), new URLSearchParams(text).toString()]) {
    for (const style of styles) {
      for (const space of spaces) for (const letters of cases) yield [letters(space(style(form))), change];
    }
  }
}

/** The form as PHP encodes it; lists as `a[]` were what came, and indexed is what PHP sends. */
function encodedAgain(text: string): string {
  try {
    return encodeForm(decodeForm(text));
  } catch {
    return text; // over the bounds of a form, it is none
  }
}

function* jsonChanges(text: string): Generator<TextChange> {
  const change = "The JSON was parsed and written again.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return; // no JSON, so nobody wrote it again
  }
  const compact = JSON.stringify(value);
  const ascii = compact.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const written of [compact, ascii]) {
    yield [written, change];
    yield [written.replaceAll("/", "\\/"), `${change} It was PHP's, which escapes slashes.`];
    yield [spaceOut(written), `${change} It was Python's, which puts spaces behind commas and colons.`];
  }
  for (const indent of [2, 4, "\t"]) yield [JSON.stringify(value, null, indent), change];
}

/** JSON with a space after each comma and colon that is not in a text. */
function spaceOut(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (part) => (part.startsWith('"') ? part : `${part} `));
}

import { type CapturedCall, readCaptureJson } from "../call/capture.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";
import { readCurl } from "./read-curl.ts";
import { readHar } from "./read-har.ts";
import { readMessage } from "./read-message.ts";

/** What captured calls can be written down as. */
export type CaptureFormat = "json" | "har" | "curl" | "message";

/**
 * Reads captured calls: what `listen --json` prints, a HAR file, a curl command, or an HTTP message as it went over the wire.
 *
 * @param bytes What the file holds.
 * @param format The format, if the user named it; else it is told from how the file begins.
 */
export function readCaptures(bytes: Uint8Array, format: CaptureFormat | undefined): readonly CapturedCall[] {
  const text = new TextDecoder().decode(bytes);
  const calls = readers[format ?? formatOf(text)](text, bytes);
  if (calls.length > 0) return calls;
  throw new CommandError(
    exitCodes.usage,
    "There is no call in it: it must be what listen --json prints, HAR, curl or HTTP.",
  );
}

const readers: Readonly<Record<CaptureFormat, (text: string, bytes: Uint8Array) => readonly CapturedCall[]>> = {
  json: readJsonLines,
  har: readHar,
  curl: (text) => readCurl(text),
  message: (_, bytes) => readMessage(bytes),
};

function formatOf(text: string): CaptureFormat {
  const start = text.trimStart();
  if (/^curl\s/.test(start)) return "curl";
  if (!start.startsWith("{")) return "message";
  return /^\{\s*"log"\s*:/.test(start) ? "har" : "json";
}

/** An object a line, those that are no calls left out; or one object over several lines. */
function readJsonLines(text: string): readonly CapturedCall[] {
  const whole = tryParse(text);
  const values = whole === undefined ? text.split("\n").map(tryParse) : [whole];
  return values.map(readCaptureJson).filter((call) => call !== undefined);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON by itself
  }
}

import type { CapturedCall } from "../call/capture.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";

/** Reads an HTTP/1.1 request as it goes over the wire: request line, headers, an empty line, the body. */
export function readMessage(bytes: Uint8Array): readonly CapturedCall[] {
  const text = Buffer.from(bytes).toString("latin1"); // a character a byte, so that places in it are places in the bytes
  const [, head = "", gap = ""] = /^(.*?)(\r?\n\r?\n|$)/s.exec(text) ?? [];
  const [requestLine = "", ...lines] = head.split(/\r?\n/);
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(requestLine.trim()) ?? [];
  if (method === undefined || target === undefined) {
    throw new CommandError(exitCodes.usage, "It does not begin with a request line: POST /path HTTP/1.1.");
  }
  const headers = lines.map((line): [string, string] => {
    const [, name, value = ""] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new CommandError(exitCodes.usage, `This is no header: ${JSON.stringify(line)}.`);
    return [name, value];
  });
  const body = bytes.slice(head.length + gap.length);
  return [
    {
      method,
      target,
      headers,
      body: withoutEditorsLineEnd(body, headers),
      receivedAt: undefined,
      keyRecords: undefined,
    },
  ];
}

/** Editors add a line end to the last line; by Content-Length, it was not there. */
function withoutEditorsLineEnd(body: Uint8Array, headers: readonly (readonly [string, string])[]): Uint8Array {
  const length = Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1]);
  const surplus = body.byteLength - length;
  const isLineEnd = /^\r?\n$/.test(Buffer.from(body.slice(length)).toString("latin1"));
  return surplus > 0 && isLineEnd ? body.slice(0, length) : body;
}

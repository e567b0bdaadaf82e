import type { CapturedCall } from "../call/capture.ts";
import { CommandError, exitCodes } from "../frame/exit.ts";

/** The part of a HAR file (HTTP Archive 1.2) that is read. */
interface Har {
  readonly log?: { readonly entries?: readonly HarEntry[] };
}

interface HarEntry {
  readonly startedDateTime?: string;
  readonly request?: {
    readonly method?: string;
    readonly url?: string;
    readonly headers?: readonly { readonly name: string; readonly value: string }[];
    readonly postData?: { readonly text?: string; readonly encoding?: string };
  };
}

/** The calls of a HAR file that carry a signature, or, if none does, all. */
export function readHar(text: string): readonly CapturedCall[] {
  let har: Har;
  try {
    har = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(exitCodes.usage, "It is no HAR file: it is not JSON.", { cause });
  }
  const calls = (har.log?.entries ?? []).flatMap(callOf);
  const signed = calls.filter(({ headers }) => headers.some(([name]) => name.toLowerCase() === "signature"));
  return signed.length > 0 ? signed : calls;
}

function callOf({ request, startedDateTime }: HarEntry): readonly CapturedCall[] {
  if (request?.url === undefined || !URL.canParse(request.url)) return [];
  const { pathname, search, host } = new URL(request.url);
  const { text = "", encoding } = request.postData ?? {};
  const headers = (request.headers ?? [])
    .filter(({ name }) => !name.startsWith(":")) // HTTP/2 has them instead of a request line
    .map(({ name, value }): [string, string] => [name, value]);
  if (!headers.some(([name]) => name.toLowerCase() === "host")) headers.unshift(["Host", host]);
  const time = Date.parse(startedDateTime ?? "");
  return [
    {
      method: request.method ?? "POST",
      target: pathname + search,
      headers,
      body: Buffer.from(text, encoding === "base64" ? "base64" : "utf8"),
      receivedAt: Number.isNaN(time) ? undefined : time,
      keyRecords: undefined,
    },
  ];
}

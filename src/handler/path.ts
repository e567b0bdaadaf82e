import { IttyRouter } from "itty-router/IttyRouter";
import { RequestError } from "../errors.ts";
import { invalidOption, type OptionReader } from "../options/settle.ts";
import type { Call } from "./call.ts";

/** The longest path that is compared with a pattern, in characters. */
const MAX_PATH_LENGTH = 512;

/** The most parameters of a segment, and the most wildcards, in a pattern: the time that it takes grows with their power. */
const MAX_OPEN_PARTS = 3;

/** The pattern of a handler's `path`, one of itty-router; any path if it is left out. */
export const pathPattern: OptionReader<string> = (given, option) => {
  if (given === undefined || given === "*") return "*";
  if (typeof given !== "string" || !given.startsWith("/"))
    throw invalidOption(option, 'a path that starts with "/"', given);
  const parameters = given.split("/").map((segment) => segment.split(":").length - 1);
  if (Math.max(...parameters, given.split(/[*+]/).length - 1) > MAX_OPEN_PARTS) {
    throw invalidOption(option, `a pattern with at most ${MAX_OPEN_PARTS} parameters in a segment`, given);
  }
  try {
    IttyRouter().all(given);
  } catch (cause) {
    throw invalidOption(option, "a pattern that itty-router can read", given, { cause });
  }
  return given;
};

type Receive<Context> = (call: Call, context: Context) => Promise<void>;

/**
 * Makes the function that passes on what is a POST to the path.
 *
 * itty-router gets a request of its own, made of the method and the URL, since it writes to it, and would spend the square of
 * a long query's length; and only for a URL that was not the last one to pass, since it takes longer than all else before a
 * body is read.
 *
 * @throws {RequestError} If Host or URL are malformed, the path is too long or another one, or the method is another one.
 */
export function createPathRouter<Context>(pattern: string, receive: Receive<Context>): Receive<Context> {
  let passedUrl: string | undefined;
  const router = IttyRouter()
    .post(pattern, async ({ url }: { url: string }, call: Call, context: Context) => {
      passedUrl = url;
      await receive(call, context);
      return true; // or it would try the next
    })
    .post("*", () => {
      throw new RequestError("path_not_found", "Webhooks are received at another path.");
    })
    .all("*", () => {
      throw new RequestError("method_not_allowed", "Send the event with POST.");
    });
  return async (call, context) => {
    checkHost(call.getHeader("host"));
    const { method } = call;
    const url = readUrl(call);
    if (method === "POST" && url === passedUrl) await receive(call, context);
    else {
      checkPath(url);
      await router.fetch({ method, url }, call, context);
    }
  };
}

/** A host as RFC 3986 has it, with or without a port. */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

function checkHost(host: string | null): void {
  if (host === null || HOST.test(host)) return;
  throw new RequestError("invalid_host", "The Host header must be a host: hooks.example.com.");
}

/** Reads something of a call's URL, which some servers make of the Host, and only when they are asked. */
function fromUrl<Part>(read: () => Part): Part {
  try {
    return read();
  } catch (cause) {
    throw new RequestError("invalid_host", "The request has no URL that can be read.", { cause });
  }
}

/** The URL of a call, without its query. */
function readUrl(call: Call): string {
  return fromUrl(() => call.url.split("?", 1)[0] ?? "");
}

function checkPath(url: string): void {
  if (fromUrl(() => new URL(url)).pathname.length <= MAX_PATH_LENGTH) return;
  throw new RequestError("path_too_long", `The path has more than ${MAX_PATH_LENGTH} characters.`);
}

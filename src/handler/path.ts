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
    compilePath(given);
  } catch (cause) {
    throw invalidOption(option, "a pattern that itty-router can read", given, { cause });
  }
  return given;
};

/**
 * Makes the function that tells whether a path fits a pattern, by the expression that itty-router makes of it. Its `fetch` is not
 * used: it writes to the request, takes the square of a long query's length, and longer than all else before a body is read.
 */
function compilePath(pattern: string): (pathname: string) => boolean {
  const { routes } = IttyRouter().all(pattern);
  return (pathname) => routes.some(([, expression]) => expression.test(pathname));
}

/**
 * Makes the function that lets only what is a POST to the path pass.
 *
 * @throws {RequestError} If Host or URL are malformed, the path is too long or another one, or the method is another one.
 */
export function createPathCheck(pattern: string): (call: Call) => void {
  const fits = compilePath(pattern);
  let passedUrl: string | undefined;
  return (call) => {
    checkHost(call.getHeader("host"));
    const url = readUrl(call);
    if (call.method === "POST" && url === passedUrl) return;
    const { pathname } = fromUrl(() => new URL(url));
    if (pathname.length > MAX_PATH_LENGTH) {
      throw new RequestError("path_too_long", `The path has more than ${MAX_PATH_LENGTH} characters.`);
    }
    if (call.method !== "POST") throw new RequestError("method_not_allowed", "Send the event with POST.");
    if (!fits(pathname)) throw new RequestError("path_not_found", "Webhooks are received at another path.");
    passedUrl = url;
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

import { httpUrl } from "../options/readers.ts";
import { invalidOption } from "../options/settle.ts";
import type { ResolveTxt, TxtAnswer } from "./dns.ts";

/** Cloudflare's resolver, open to everybody. */
export const DEFAULT_RESOLVER = "https://cloudflare-dns.com/dns-query";

/** How long a resolver has to answer if no signal says otherwise. */
const TIMEOUT_MS = 5_000;

/** The longest answer of a resolver that is read, in UTF-16 code units. */
const MAX_ANSWER_LENGTH = 64 * 1_024;

/** The most aliases (CNAME) that are followed from a name to its records. */
const MAX_ALIASES = 8;

/** The numbers of DNS: the types of records, and the codes of answers. */
const CNAME = 5;
const TXT = 16;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

/** The hosts whose answers nobody on the way can change. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Makes a look-up of TXT records through DNS over HTTPS, in the JSON form that Cloudflare and Google serve. It follows no
 * redirect, and takes no answer that is about another name.
 *
 * @param url The resolver, `https://cloudflare-dns.com/dns-query` by default. Only that of a loopback host, as in
 * development, may be `http:`.
 * @returns The look-up; it rejects with an error whose `code` is `ENOTFOUND` if there are no such records, and with any other
 * error if the resolver fails or does not answer within 5 seconds.
 * @throws {InvalidOptionError} If the URL can't be used.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, resolveTxtOverHttps } from "copernica-webhooks";
 *
 * createWebhookHandler({
 *   account: 1234,
 *   verify: { resolveTxt: resolveTxtOverHttps("https://dns.google/resolve") },
 *   onProfileCreate(event) { console.log(event.profile); },
 * });
 * ```
 */
export function resolveTxtOverHttps(url: string | URL = DEFAULT_RESOLVER): ResolveTxt {
  const option = "resolveTxtOverHttps: url";
  const resolver = httpUrl(url, option);
  if (resolver.protocol !== "https:" && !LOOPBACK.test(resolver.hostname)) {
    throw invalidOption(option, "an https: URL, but for a loopback host", resolver.href);
  }
  return resolveTxtAt(resolver);
}

/** As {@link resolveTxtOverHttps}, with a URL that is known to be fit; apart from it, so that the default has no code to check one. */
export function resolveTxtAt(resolver: string | URL): ResolveTxt {
  return async (name, { signal = AbortSignal.timeout(TIMEOUT_MS) } = {}) => {
    const query = new URL(resolver);
    query.searchParams.set("name", name);
    query.searchParams.set("type", "TXT");
    // Workers know no redirect: "error"; with "manual" a redirect is an answer that is not ok.
    const response = await fetch(query, { headers: { accept: "application/dns-json" }, redirect: "manual", signal });
    const answer = await readAnswerText(response);
    if (!response.ok) throw failure(`answered ${response.status}`);
    return readAnswer(JSON.parse(answer), name);
  };
}

/** Reads an answer as text, and little more of it than can be one. */
async function readAnswerText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_LENGTH) throw failure("answered too much"); // which cancels the stream
  }
  return text;
}

/** A resolver's answer, nothing of whose form is trusted. */
interface Answer {
  readonly Status?: unknown;
  readonly Question?: unknown;
  readonly Answer?: unknown;
}

/** A record of such an answer. */
interface AnswerRecord {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly TTL?: unknown;
  readonly data?: unknown;
}

/** Reads the records of a name, or of what it is an alias of, from a resolver's answer. */
function readAnswer({ Status, Question, Answer }: Answer, name: string): TxtAnswer {
  let owner = plainName(name);
  const [question] = listOf(Question);
  if (question !== undefined && plainName(question?.name) !== owner) throw failure("answered about another name");
  if (Status !== NO_ERROR && Status !== NO_SUCH_NAME) throw failure(`failed with status ${Status}`);
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let aliases = 0; Status === NO_ERROR && owner !== undefined && aliases <= MAX_ALIASES; aliases += 1) {
    const records: string[][] = [];
    let alias: string | undefined;
    for (const record of listOf(Answer)) {
      if (plainName(record?.name) !== owner || typeof record?.data !== "string") continue;
      // Of the aliases that lead to the records too: any of them may change.
      if (typeof record.TTL === "number") ttlSeconds = Math.min(ttlSeconds, record.TTL);
      if (record.type === TXT) records.push(textStrings(record.data));
      if (record.type === CNAME) alias = plainName(record.data);
    }
    if (records.length > 0) return { records, ttlSeconds };
    owner = alias;
  }
  throw Object.assign(failure("has no TXT record of this name"), { code: "ENOTFOUND" });
}

function failure(what: string): Error {
  return new Error(`The DNS resolver ${what}.`);
}

function listOf(value: unknown): readonly (AnswerRecord | null)[] {
  return Array.isArray(value) ? value : [];
}

/** A name in lower case, without the dot that may end it; undefined for what is no name. */
function plainName(name: unknown): string | undefined {
  return typeof name === "string" ? name.toLowerCase().replace(/\.$/, "") : undefined;
}

/** The strings of a TXT record in presentation form, `"v=DKIM1; …" "…"`; some resolvers leave the quotes out. */
function textStrings(data: string): string[] {
  if (!data.startsWith('"')) return [data];
  const strings: string[] = [];
  for (const [, quoted = ""] of data.matchAll(/\s*"((?:[^"\\]|\\.)*)"/gy)) {
    strings.push(
      quoted.replace(/\\(\d{3}|.)/g, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
      ),
    );
  }
  return strings;
}

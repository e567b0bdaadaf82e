import { readBody } from "../handler/body.ts";
import { nodeModule } from "../runtime.ts";

/** TXT records of a name: for each record the strings that it consists of, as `node:dns` gives them. */
export type TxtRecords = readonly (readonly string[])[];

/** TXT records with how long they may be remembered. */
export interface TxtAnswer {
  /** The records. */
  readonly records: TxtRecords;
  /** How long the records may be remembered, in seconds. */
  readonly ttlSeconds: number;
}

/**
 * Looks up a name's TXT records in DNS. It resolves to the records, or to the records with their time to live; it rejects
 * with an error whose `code` is `ENOTFOUND` or `ENODATA` where DNS says that there are none, and with any other error where
 * DNS can't be asked.
 */
export type ResolveTxt = (name: string) => Promise<TxtRecords | TxtAnswer>;

/** The part of `node:dns/promises` that is used. */
interface NodeDns {
  resolveTxt(name: string): Promise<string[][]>;
}

/** The resolver of DNS over HTTPS that is asked where the runtime has no DNS of its own. */
const DEFAULT_DNS_OVER_HTTPS_URL = "https://cloudflare-dns.com/dns-query";

/** How long that resolver has to answer. */
const HTTPS_TIMEOUT_MS = 5_000;

/** The longest answer of a resolver that is read, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1_024;

/** The numbers of DNS: the type of a TXT record, and the answer that a name does not exist. */
const TXT = 16;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

/** Looks up TXT records with the runtime's own resolver where it has one that tells failures apart, else with DNS over HTTPS. */
export function defaultResolveTxt(): ResolveTxt {
  // Workers have node:dns too, but theirs asks DNS over HTTPS as well, and takes a failure for a name that does not exist.
  const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  const dns = isWorker ? undefined : (nodeModule("node:dns/promises") as NodeDns | undefined); // as Node documents it
  return dns === undefined ? resolveTxtOverHttps() : (name) => dns.resolveTxt(name);
}

/**
 * Makes a look-up of TXT records through DNS over HTTPS, in the JSON form that Cloudflare and Google serve.
 *
 * @param url The resolver, `https://cloudflare-dns.com/dns-query` by default.
 * @returns The look-up; it rejects with an error whose `code` is `ENOTFOUND` where there are no such records, and with any
 * other error where the resolver fails or does not answer within 5 seconds.
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
export function resolveTxtOverHttps(url: string = DEFAULT_DNS_OVER_HTTPS_URL): ResolveTxt {
  return async (name) => {
    const query = new URL(url);
    query.searchParams.set("name", name);
    query.searchParams.set("type", "TXT");
    const response = await fetch(query, {
      headers: { accept: "application/dns-json" },
      signal: AbortSignal.timeout(HTTPS_TIMEOUT_MS),
    });
    const body = await readBody(response, MAX_ANSWER_BYTES);
    if (!response.ok) throw new Error(`The DNS resolver answered ${response.status}.`);
    return readAnswer(JSON.parse(new TextDecoder().decode(body)));
  };
}

/** Reads a resolver's answer, trusting nothing of its form. */
function readAnswer(answer: { Status?: unknown; Answer?: unknown } | null): TxtAnswer {
  if (answer?.Status === NO_SUCH_NAME) throw notFound();
  if (answer?.Status !== NO_ERROR) throw new Error(`The DNS resolver failed with status ${answer?.Status}.`);
  const records: string[][] = [];
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (const entry of Array.isArray(answer.Answer) ? answer.Answer : []) {
    // Of the aliases (CNAME) that lead to the records too: any of them may change.
    if (typeof entry?.TTL === "number") ttlSeconds = Math.min(ttlSeconds, entry.TTL);
    if (entry?.type === TXT && typeof entry.data === "string") records.push(textStrings(entry.data));
  }
  if (records.length === 0) throw notFound();
  return { records, ttlSeconds };
}

/** The strings of a TXT record in presentation form, `"v=DKIM1; …" "…"`; some resolvers leave the quotes out. */
function textStrings(data: string): string[] {
  if (!data.startsWith('"')) return [data];
  const strings: string[] = [];
  for (const [, quoted = ""] of data.matchAll(/\s*"((?:[^"\\]|\\.)*)"/gy)) {
    strings.push(
      quoted.replace(/\\(\d{3}|.)/g, (_, escaped: string) => (escaped.length === 3 ? fromCode(escaped) : escaped)),
    );
  }
  return strings;
}

function fromCode(decimal: string): string {
  return String.fromCharCode(Number(decimal));
}

function notFound(): Error {
  return Object.assign(new Error("DNS has no TXT record of this name."), { code: "ENOTFOUND" });
}

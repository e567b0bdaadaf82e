import { resolveTxt } from "node:dns/promises";
import { createServer, type Server } from "node:http";
import type { TxtRecords } from "../../signature/dns.ts";
import { DEFAULT_KEY_DOMAIN } from "../../signature/keys.ts";
import { close, listenOnLoopback, splitTarget } from "../frame/loopback.ts";
import { type DevelopmentKey, readDevelopmentKey } from "./development-key.ts";

/** The port at which development keys are served if nobody says. */
export const DEFAULT_DNS_PORT = 8_053;

/** The path of DNS over HTTPS (RFC 8484). */
const DNS_PATH = "/dns-query";

/** How long a key may be remembered, in seconds: the least that receivers go by, so that a new one is soon taken. */
const TTL_SECONDS = 60;

/** The numbers of DNS: the type of a TXT record, and what an answer can be. */
const TXT = 16;
const statuses = { found: 0, failed: 2, notFound: 3 } as const;

/** A server of key records that is running. */
export interface DnsServer {
  /** The URL that receivers ask. */
  readonly url: string;
  /** Ends it. */
  readonly close: () => Promise<void>;
}

/** What is told of a query. */
export type Query = { readonly name: string; readonly found: boolean };

/**
 * Serves the development key as DNS over HTTPS, in JSON, on the loopback interface alone. Names of Copernica's own keys are
 * looked up in DNS, so that an app that asks here takes Copernica's calls too.
 *
 * @param keyFile The file of the key; read for each query, since keys rotate.
 * @param port The port to listen at.
 * @param onQuery Told of each query.
 */
export async function serveKeys(keyFile: string, port: number, onQuery: (query: Query) => void): Promise<DnsServer> {
  const server: Server = createServer(async (request, response) => {
    const { path, parameters } = splitTarget(request.url ?? "/");
    const name = parameters.get("name")?.toLowerCase().replace(/\.$/, "") ?? "";
    if (path !== DNS_PATH || name === "") {
      response.writeHead(404).end();
      return;
    }
    const answer = await answerQuery(name, keyFile);
    onQuery({ name, found: answer.Status === statuses.found });
    response.writeHead(200, { "content-type": "application/dns-json" }).end(JSON.stringify(answer));
  });
  const address = await listenOnLoopback(server, port);
  return { url: `${address}${DNS_PATH}`, close: () => close(server) };
}

interface DnsAnswer {
  readonly Status: number;
  readonly Question: readonly { readonly name: string; readonly type: number }[];
  readonly Answer?: readonly {
    readonly name: string;
    readonly type: number;
    readonly TTL: number;
    readonly data: string;
  }[];
}

async function answerQuery(name: string, keyFile: string): Promise<DnsAnswer> {
  const Question = [{ name, type: TXT }];
  try {
    const records = await findRecords(name, keyFile);
    if (records === undefined) return { Status: statuses.notFound, Question };
    const Answer = records.map((strings) => ({ name, type: TXT, TTL: TTL_SECONDS, data: presentStrings(strings) }));
    return { Status: statuses.found, Question, Answer };
  } catch {
    return { Status: statuses.failed, Question }; // DNS has no words for why
  }
}

async function findRecords(name: string, keyFile: string): Promise<TxtRecords | undefined> {
  const key = await readDevelopmentKey(keyFile);
  if (key !== undefined && name === key.keyId) return key.records;
  return name.endsWith(`.${DEFAULT_KEY_DOMAIN}`) ? await findInDns(name) : undefined;
}

async function findInDns(name: string): Promise<TxtRecords | undefined> {
  try {
    return await resolveTxt(name);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (/^(?:DNS_)?(?:ENOTFOUND|ENODATA)$/.test(code)) return undefined;
    throw error;
  }
}

/** The strings of a TXT record in presentation form. */
function presentStrings(strings: readonly string[]): string {
  return strings.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(" ");
}

/** The line of code by which an app takes the development key for one of Copernica's. */
export function acceptingLine(url: string): string {
  return `verify: { resolveTxt: resolveTxtOverHttps(${JSON.stringify(url)}) },`;
}

/** What everybody must know who serves a development key. */
export function keyWarning({ keyId }: DevelopmentKey, keyFile: string): string {
  return `Never in production: whoever can read ${keyFile} can sign what an app with that line takes for Copernica's (${keyId}).`;
}

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import dns2 from "dns2";

const { Packet } = dns2;

/** What a name holds: TXT records, the name that it is an alias of, or how the server fails. */
type Entry = readonly (readonly string[])[] | { readonly alias: string } | "SERVFAIL" | "silence";

/** A DNS server on the loopback interface, over UDP, TCP and HTTPS (JSON, without TLS). */
export interface DnsServer {
  /** What the names hold; a name that is not there does not exist. */
  readonly zone: Map<string, Entry>;
  /** The names that were asked for, in order; not again those whose answer was too long for UDP, so that TCP was used. */
  readonly queries: string[];
  /** The address for UDP and TCP: `127.0.0.1:5300`. */
  readonly address: string;
  /** The URL for HTTP. */
  readonly url: string;
  /** The time to live of every record, in seconds. */
  ttlSeconds: number;
  /** How long each answer takes, in milliseconds. */
  delayMs: number;
  /** The most names that were waiting for their answers at once. A resolver may well ask for one several times. */
  mostAtOnce: number;
  readonly close: () => Promise<void>;
}

interface Found {
  readonly status: "NOERROR" | "NXDOMAIN" | "SERVFAIL";
  readonly answers: readonly ({ name: string; alias: string } | { name: string; strings: readonly string[] })[];
}

const STATUS = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 };

/** Starts a DNS server that serves nothing yet. */
export async function startDnsServer(): Promise<DnsServer> {
  const zone = new Map<string, Entry>();
  const queries: string[] = [];
  const waiting = new Map<string, number>();

  /** What there is under a name; undefined where there is to be no answer. */
  async function find(asked: string, isNew: boolean): Promise<Found | undefined> {
    if (isNew) queries.push(asked);
    waiting.set(asked, (waiting.get(asked) ?? 0) + 1);
    state.mostAtOnce = Math.max(state.mostAtOnce, waiting.size);
    if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
    const others = (waiting.get(asked) ?? 0) - 1;
    if (others > 0) waiting.set(asked, others);
    else waiting.delete(asked);
    const answers: Found["answers"][number][] = [];
    let name = asked;
    for (;;) {
      const entry = zone.get(name.toLowerCase());
      if (entry === "silence") return undefined;
      if (entry === "SERVFAIL") return { status: "SERVFAIL", answers: [] };
      if (entry === undefined) return { status: "NXDOMAIN", answers };
      if (!("alias" in entry)) {
        const owner = name;
        return { status: "NOERROR", answers: [...answers, ...entry.map((strings) => ({ name: owner, strings }))] };
      }
      answers.push({ name, alias: entry.alias });
      name = entry.alias;
    }
  }

  const server = dns2.createServer({
    udp: true,
    tcp: true,
    async handle(request, send, client) {
      const response = Packet.createResponseFromRequest(request);
      const found = await find(request.questions[0]?.name ?? "", "size" in client);
      if (found === undefined) return;
      response.header.rcode = STATUS[found.status];
      for (const answer of found.answers) {
        const record = { name: answer.name, class: Packet.CLASS.IN, ttl: state.ttlSeconds };
        const data =
          "alias" in answer
            ? { type: Packet.TYPE.CNAME, domain: answer.alias }
            : { type: Packet.TYPE.TXT, data: [...answer.strings] };
        // The declarations of dns2 know records of one string only.
        response.answers.push({ ...record, ...data } as unknown as (typeof response.answers)[number]);
      }
      send(response);
    },
  });
  const overHttp = createServer(async (request, response) => {
    const found = await find(new URL(request.url ?? "", "http://localhost").searchParams.get("name") ?? "", true);
    if (found === undefined) return;
    const Answer = found.answers.map((answer) => ({
      name: answer.name,
      TTL: state.ttlSeconds,
      ...("alias" in answer
        ? { type: 5, data: answer.alias }
        : { type: 16, data: answer.strings.map((string) => `"${string.replace(/["\\]/g, "\\$&")}"`).join(" ") }),
    }));
    response.setHeader("content-type", "application/dns-json");
    response.end(JSON.stringify({ Status: STATUS[found.status], ...(Answer.length > 0 && { Answer }) }));
  });

  const { port } = await listenOnOnePort();
  overHttp.listen(0, "127.0.0.1");
  await once(overHttp, "listening");
  const { port: httpPort } = overHttp.address() as AddressInfo; // as of every server that listens on a port
  const state: DnsServer = {
    zone,
    queries,
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${httpPort}/dns-query`,
    ttlSeconds: 300,
    delayMs: 0,
    mostAtOnce: 0,
    async close() {
      overHttp.closeAllConnections();
      overHttp.close();
      await server.close();
    },
  };
  return state;

  /** UDP and TCP have to share a port: a free one of TCP's is nearly always free for UDP too. */
  async function listenOnOnePort(): Promise<{ port: number }> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo; // as of every server that listens on a port
    probe.close();
    await once(probe, "close");
    const at = { port, address: "127.0.0.1" };
    await server.listen({ udp: at, tcp: at });
    return { port };
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { encodeForm, samples, type TxtRecords, type Variables } from "../../src/testing.ts";
import { freePort } from "../fixtures/free-port.ts";
import { type Connection, openConnection } from "../servers/connection.ts";

/** The runtimes whose server can be soaked. */
export const RUNTIMES = ["node", "bun", "deno"] as const;

/** The name of a runtime. */
export type RuntimeName = (typeof RUNTIMES)[number];

/** How much a soak sends. */
export interface SoakOptions {
  /** The runtime of the server. */
  readonly runtime: RuntimeName;
  /** How many events. */
  readonly events: number;
  /** Over how many connections at once. */
  readonly connections: number;
  /** How often the server is killed and started again. */
  readonly kills: number;
}

/** What became of the events. */
export interface Tally {
  /** Answered 200. */
  readonly accepted: number;
  /** Answered 401: changed on the way, after they were signed. */
  readonly refused: number;
  /** Answered 500: their callback failed. */
  readonly failed: number;
  /** Not answered, since the server was killed. */
  readonly unanswered: number;
  /** Of those not answered, how many the callback had seen. */
  readonly unansweredSeen: number;
  /** How many calls that had been answered 200 were sent a second time and answered 200 again. */
  readonly replayed: number;
  /** How often the server was killed. */
  readonly kills: number;
  /** How long it took. */
  readonly seconds: number;
  /** The most memory of any of the servers, in megabytes; undefined where the system does not say. */
  readonly peakMegabytes: number | undefined;
  /** What must not be: an event answered 200 that was not seen exactly once, … */
  readonly faults: readonly string[];
}

/** The fewest bits that the SDK accepts: signing a million events with 2048 takes four times as long. */
const KEY_BITS = 1_024;

const ACCOUNT = 1234;
const PATH = "/webhooks/copernica";

/** Of each so many events, one is changed after it was signed, one has a callback that fails, one is sent twice. */
const KINDS = 50;

type Kind = "plain" | "changed" | "failing" | "replayed";

/** Spread over the events, so that each connection has some of each. */
const KIND_BY_REMAINDER: ReadonlyMap<number, Kind> = new Map([
  [7, "changed"],
  [23, "failing"],
  [38, "replayed"],
]);

function kindOf(number: number): Kind {
  return KIND_BY_REMAINDER.get(number % KINDS) ?? "plain";
}

const EXPECTED_STATUS: Readonly<Record<Kind, number>> = { plain: 200, replayed: 200, changed: 401, failing: 500 };

/** Stands for an answer that did not come. */
const NO_ANSWER = 1;

/** A kill comes at any point of what the other connections do. */
const MAX_MS_BEFORE_KILL = 20;

/** Sends signed events to a server that is killed now and then, and counts what became of each. */
export async function soak({ runtime, events, connections, kills }: SoakOptions): Promise<Tally> {
  const port = await freePort();
  const { privateKey, records } = makeKey();
  const directory = mkdtempSync(join(tmpdir(), "soak-"));
  const tallyPath = join(directory, "tally.txt");
  const start = () => startServer(runtime, [String(port), tallyPath, JSON.stringify(records)]);
  let server = start();
  try {
    const statuses = new Uint16Array(events + 1);
    const faults: string[] = [];
    let next = 0;
    let answered = 0;
    let killed = 0;
    let replayed = 0;
    let peakMegabytes: number | undefined;

    async function keepSending(): Promise<void> {
      let connection = await connect(port);
      while (next < events) {
        next += 1;
        const number = next;
        statuses[number] = NO_ANSWER;
        await sendEvent(connection, number);
        if (connection.hasEnded()) connection = await connect(port);
        if (killed < kills && answered > (events * (killed + 1)) / (kills + 1)) await restart();
      }
      connection.destroy();
    }

    async function sendEvent(connection: Connection, number: number): Promise<void> {
      const kind = kindOf(number);
      const call = makeCall(number, kind, port, privateKey);
      const status = await exchange(connection, call);
      if (status === undefined) return;
      statuses[number] = status;
      answered += 1;
      if (kind !== "replayed") return;
      // Over the same connection, so to the same process: deliveries in its memory die with it.
      const secondStatus = await exchange(connection, call);
      if (secondStatus === undefined) return;
      replayed += 1;
      if (secondStatus !== 200) faults.push(`event ${number} was answered ${secondStatus} when sent again`);
    }

    async function restart(): Promise<void> {
      killed += 1;
      await pause(Math.random() * MAX_MS_BEFORE_KILL);
      peakMegabytes = most(peakMegabytes, memoryOf(server));
      await kill(server);
      server = start();
    }

    const startedAt = performance.now();
    await Promise.all(Array.from({ length: connections }, keepSending));
    const seconds = (performance.now() - startedAt) / 1_000;
    peakMegabytes = most(peakMegabytes, memoryOf(server));
    await kill(server);
    const seen = countSeen(readFileSync(tallyPath, "latin1"), events, faults);
    return { ...judge(statuses, seen, faults), replayed, kills: killed, seconds, peakMegabytes, faults };
  } finally {
    server.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
}

type Outcomes = Pick<Tally, "accepted" | "refused" | "failed" | "unanswered" | "unansweredSeen">;

/** Compares what was answered with what the callbacks saw. */
function judge(statuses: Uint16Array, seen: Uint8Array, faults: string[]): Outcomes {
  const counts = { accepted: 0, refused: 0, failed: 0, unanswered: 0, unansweredSeen: 0 };
  for (let number = 1; number < statuses.length; number += 1) {
    const status = statuses[number];
    const times = seen[number] ?? 0;
    const expected = EXPECTED_STATUS[kindOf(number)];
    if (status === NO_ANSWER) {
      counts.unanswered += 1;
      counts.unansweredSeen += times;
      if (times > (expected === 200 ? 1 : 0)) faults.push(`event ${number} was not answered and seen ${times} times`);
      continue;
    }
    if (status !== expected) faults.push(`event ${number} was answered ${status}, not ${expected}`);
    if (times !== (status === 200 ? 1 : 0))
      faults.push(`event ${number} was answered ${status} and seen ${times} times`);
    if (status === 200) counts.accepted += 1;
    else if (status === 401) counts.refused += 1;
    else if (status === 500) counts.failed += 1;
  }
  return counts;
}

function countSeen(tally: string, events: number, faults: string[]): Uint8Array {
  const seen = new Uint8Array(events + 1);
  for (const line of tally.split("\n")) {
    if (line === "") continue;
    const number = Number(line);
    if (number >= 1 && number <= events) seen[number] = (seen[number] ?? 0) + 1;
    else faults.push(`the callback saw ${line}, which was never sent`);
  }
  return seen;
}

/** The rest of an event's body, the same for each: encoding it takes time. */
const PROFILE_CREATED = encodeWithout("profile", samples["profile.create"]);
const SUBPROFILE_CREATED = encodeWithout("subprofile", samples["subprofile.create"]);

function encodeWithout(variable: string, sample: Variables): string {
  return encodeForm(Object.fromEntries(Object.entries(sample).filter(([name]) => name !== variable)));
}

/** An event's call, signed as Copernica signs it, as it goes over the wire. */
function makeCall(number: number, kind: Kind, port: number, privateKey: KeyObject): Uint8Array {
  const event =
    number % 2 === 0 ? `profile=${number}&${PROFILE_CREATED}` : `subprofile=${number}&${SUBPROFILE_CREATED}`;
  const body = `${event}&parameters%5Boutcome%5D=${kind === "failing" ? "fail" : "succeed"}`;
  const headers = [
    ["Host", `127.0.0.1:${port}`],
    ["Date", new Date().toUTCString()],
    ["Content-length", String(body.length)],
    ["Content-type", "application/x-www-form-urlencoded"],
    ["X-Copernica-ID", `account_${ACCOUNT}`],
    ["Digest", `SHA-256=${createHash("sha256").update(body).digest("base64")}`],
    ["X-nonce", String(number)],
  ];
  const signed = [`(request-target): post ${PATH}`];
  for (const [name = "", value] of headers) signed.push(`${name.toLowerCase()}: ${value}`);
  const signature = sign("sha256", Buffer.from(signed.join("\n")), privateKey).toString("base64");
  const covered = ["(request-target)", ...headers.map(([name]) => name)].join(" ");
  const sentBody = kind === "changed" ? body.replace("outcome", "Outcome") : body;
  return Buffer.from(
    `POST ${PATH} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}` +
      `Signature: keyId="soak._domainkey.copernica.com",algorithm="rsa-sha256",headers="${covered}",` +
      `signature="${signature}"\r\n\r\n${sentBody}`,
  );
}

function makeKey(): { readonly privateKey: KeyObject; readonly records: TxtRecords } {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: KEY_BITS });
  const spki = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return { privateKey, records: [[`v=DKIM1; k=rsa; p=${spki}`]] };
}

/** What starts the server, without its arguments. */
const COMMANDS: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: [process.execPath, "--import", "tsx"],
  bun: ["node_modules/.bin/bun"],
  deno: ["node_modules/.bin/deno", "run", "--allow-all"],
};

function startServer(runtime: RuntimeName, settings: readonly string[]): ChildProcess {
  const [command = "", ...parameters] = [...COMMANDS[runtime], "test/load/soak-server.ts", ...settings];
  return spawn(command, parameters, { stdio: ["ignore", "inherit", "inherit"] });
}

const RETRY_MS = 25;
const MAX_RETRIES = 2_400;

/** Opens a connection, trying again until the server listens. */
async function connect(port: number, retries = MAX_RETRIES): Promise<Connection> {
  try {
    return await openConnection(port);
  } catch (error) {
    if (retries === 0) throw error;
  }
  await pause(RETRY_MS);
  return await connect(port, retries - 1);
}

/** The status of the answer; undefined where the connection ended before it. */
async function exchange(connection: Connection, call: Uint8Array): Promise<number | undefined> {
  await connection.send(call);
  return (await connection.answer())?.status;
}

async function kill(server: ChildProcess): Promise<void> {
  const ended = once(server, "exit");
  server.kill("SIGKILL");
  await ended;
}

/** The most memory that a process has had so far, in megabytes, where Linux tells it. */
function memoryOf({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024);
  } catch {
    return undefined; // not Linux
  }
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.max(one, other ?? 0);
}

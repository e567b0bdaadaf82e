import process from "node:process";
import { date, email, flag, integer, select, text } from "../../src/fields.ts";
import { DEFAULT_MAX_BODY_BYTES } from "../../src/handler/settings.ts";
import {
  collection,
  createWebhookHandler,
  database,
  type UnknownEvent,
  type WebhookEvent,
  type WebhookHandler,
} from "../../src/index.ts";
import { encodeForm, samples } from "../../src/testing.ts";
import { KEY_ID, KEY_RECORDS, tickingClock } from "../fixtures/signing.ts";
import { bytesOf, type Case, makeCase, NOW, requestOf, type Target, viewOf } from "./cases.ts";
import { createRandom } from "./random.ts";

/** How a run differs from others. */
export interface FuzzOptions {
  /** How long it takes, in seconds. */
  readonly seconds: number;
  /** Runs with the same seed have the same cases. */
  readonly seed: number;
  /** The number of the first case. */
  readonly firstCase: number;
}

/** What a run found. */
export interface FuzzSummary {
  /** How many cases were sent. */
  readonly cases: number;
  /** How many could not be sent, as `Request` refuses them. */
  readonly impossible: number;
  /** Status → how many answers had it. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many signed calls were changed in what is signed, and refused. */
  readonly forgeriesRefused: number;
  /** What a plain form of the greatest size takes, in milliseconds. */
  readonly plainMilliseconds: number;
  /** What took longest for its bytes. */
  readonly slowest: Cost;
  /** The most bytes of an answer. */
  readonly largestAnswer: number;
  /** What must not be, with the number of its case. */
  readonly faults: readonly string[];
}

/** What a case costs. */
export interface Cost {
  /** The number of the case. */
  readonly caseNumber: number;
  /** What was sent: URL, headers and body. */
  readonly bytes: number;
  /** How long it took. */
  readonly milliseconds: number;
}

/** Statuses that the answer to a sender can have, where the receiver itself works. */
const STATUSES: ReadonlySet<number> = new Set([200, 400, 401, 404, 405, 409, 413, 414, 415, 422]);

/** Statuses that a call can have whose signature was not verified. */
const UNVERIFIED_STATUSES: ReadonlySet<number> = new Set([400, 401, 404, 405, 413, 414]);

/** Codes of 400 that need no verified signature. */
const UNVERIFIED_CODES: ReadonlySet<string> = new Set(["body_interrupted", "body_used", "invalid_host"]);

/** The most bytes that any answer may have. */
const MAX_ANSWER_BYTES = 256 * 1_024;

/** How many times as long as a plain form of the greatest size any call may take. */
const MAX_COST_RATIO = 50;

/** From this size on, what each byte costs says something. */
const MIN_COST_BYTES = 16 * 1_024;

const HANG_MS = 30_000;
const MOST_FAULTS = 20;

/** How many cases run before timers and the like get their turn. */
const CASES_AT_ONCE = 50;

const NATIVE_PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];

/** Calls the handlers with cases until the time is over, or too much was found. */
export async function fuzz({ seconds, seed, firstCase }: FuzzOptions): Promise<FuzzSummary> {
  const seen: (WebhookEvent | UnknownEvent)[] = [];
  const handlers = makeHandlers((event) => seen.push(event));
  const faults: string[] = [];
  const statuses: Record<string, number> = {};
  const plainMilliseconds = await measurePlain(handlers.open);
  const mostMilliseconds = MAX_COST_RATIO * plainMilliseconds;
  const prototypes = describePrototypes();
  let slowest: Cost = { caseNumber: firstCase, bytes: 1, milliseconds: 0 };
  let cases = 0;
  let impossible = 0;
  let forgeriesRefused = 0;
  let largestAnswer = 0;
  let current = firstCase;

  function fault(what: string): void {
    faults.push(`case ${current}: ${what}`);
  }
  function onRejection(reason: unknown): void {
    fault(`a rejection that nobody handled: ${reason}`);
  }
  process.on("unhandledRejection", onRejection);

  async function runCase(): Promise<void> {
    const call = await makeCase(createRandom(seed, current));
    const request = requestOf(call);
    if (request === undefined) {
      impossible += 1;
      return;
    }
    cases += 1;
    seen.length = 0;
    const exchange = await send(handlers[call.target], request);
    if ("problem" in exchange) {
      fault(exchange.problem);
      return;
    }
    const { status, answer, milliseconds } = exchange;
    statuses[status] = (statuses[status] ?? 0) + 1;
    largestAnswer = Math.max(largestAnswer, answer.length);
    const forged = isForged(call);
    for (const what of faultsOf(call, forged, exchange)) fault(what);
    if (seen.length !== (status === 200 ? 1 : 0)) fault(`answered ${status}, and ${seen.length} events were seen`);
    for (const event of seen) for (const what of faultsOfEvent(event)) fault(what);
    if (forged && status !== 200) forgeriesRefused += 1;
    if (describePrototypes() !== prototypes) fault("a prototype was polluted");
    await checkCost(call, milliseconds);
    if (status === 200 && call.signed !== undefined) await replay(call);
  }

  /** A second delivery of what was done is done, and not seen again. */
  async function replay(call: Case): Promise<void> {
    const request = requestOf(call);
    seen.length = 0;
    const exchange = request && (await send(handlers[call.target], request));
    if (exchange === undefined || "problem" in exchange || exchange.status !== 200 || seen.length > 0) {
      fault(`a replay was not answered 200 without being seen: ${JSON.stringify(exchange)}`);
    }
  }

  async function checkCost(call: Case, milliseconds: number): Promise<void> {
    const bytes = sizeOf(call);
    let cost = { caseNumber: current, bytes, milliseconds };
    // A pause of the process is no cost of the case, and does not come each time.
    for (let again = 0; again < 3 && (cost.milliseconds > mostMilliseconds || isSlowest(cost)); again += 1) {
      const request = requestOf(call);
      const exchange = request && (await send(handlers[call.target], request));
      if (exchange === undefined || "problem" in exchange) return;
      cost = { ...cost, milliseconds: Math.min(cost.milliseconds, exchange.milliseconds) };
    }
    if (cost.milliseconds > mostMilliseconds) fault(`${bytes} bytes took ${cost.milliseconds.toFixed(0)} ms`);
    if (isSlowest(cost)) slowest = cost;
  }

  function isSlowest(cost: Cost): boolean {
    return cost.bytes >= MIN_COST_BYTES && nanosecondsPerByte(cost) > nanosecondsPerByte(slowest);
  }

  try {
    const end = performance.now() + seconds * 1_000;
    do {
      await runCase();
      current += 1;
      if (current % CASES_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    } while (performance.now() < end && faults.length < MOST_FAULTS);
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return { cases, impossible, statuses, forgeriesRefused, plainMilliseconds, slowest, largestAnswer, faults };
}

interface Exchange {
  readonly status: number;
  readonly contentType: string | null;
  readonly answer: string;
  readonly milliseconds: number;
}

async function send(handler: WebhookHandler, request: Request): Promise<Exchange | { readonly problem: string }> {
  const start = performance.now();
  let hang: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise<never>((_, reject) => {
    hang = setTimeout(() => reject(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS);
  });
  try {
    const response = await Promise.race([handler(request), hung]);
    const milliseconds = performance.now() - start;
    const answer = await response.text();
    return { status: response.status, contentType: response.headers.get("content-type"), answer, milliseconds };
  } catch (error) {
    return { problem: `the handler rejected: ${error}` };
  } finally {
    clearTimeout(hang);
  }
}

function makeHandlers(see: (event: WebhookEvent | UnknownEvent) => void): Readonly<Record<Target, WebhookHandler>> {
  const quiet = { onError() {}, onWarning() {} };
  return {
    open: createWebhookHandler({ ...quiet, onEvent: see }),
    routed: createWebhookHandler({
      ...quiet,
      databases: [
        database(12, {
          fields: { email: email(), age: integer(), birthday: date(), name: text() },
          interests: ["newsletter", "offers"],
          collections: [
            collection(3, {
              fields: { orderId: text(), paid: flag(), amount: select("59.95") },
              onSubprofileCreate() {},
            }),
          ],
          onProfileCreate() {},
          onProfileUpdate() {},
        }),
      ],
      onEvent: see,
    }),
    signed: createWebhookHandler({
      ...quiet,
      account: 1234,
      path: "/webhooks/copernica",
      verify: { clock: tickingClock(Date.parse(NOW)), resolveTxt },
      onEvent: see,
    }),
  };
}

async function resolveTxt(name: string): Promise<readonly (readonly string[])[]> {
  if (name === KEY_ID) return KEY_RECORDS;
  throw Object.assign(new Error("There is no such name."), { code: "ENOTFOUND" });
}

/** What is wrong with an answer, given the call and whether it is a forgery. */
function faultsOf(call: Case, forged: boolean, { status, contentType, answer }: Exchange): string[] {
  const faults: string[] = [];
  if (!STATUSES.has(status)) faults.push(`answered ${status}: ${answer.slice(0, 200)}`);
  if (answer.length > MAX_ANSWER_BYTES) faults.push(`an answer of ${answer.length} bytes`);
  if (call.untouched && status !== 200) faults.push(`a sample was answered ${status}: ${answer.slice(0, 200)}`);
  let code: unknown;
  if (status === 200) {
    if (answer !== "") faults.push("an answer of 200 with a body");
  } else if (contentType !== "application/problem+json") {
    faults.push(`an error of the type ${contentType}`);
  } else {
    const problem: unknown = JSON.parse(answer);
    if (typeof problem !== "object" || problem === null || !("code" in problem) || !("status" in problem)) {
      faults.push("an error without a code or status");
    } else {
      code = problem.code;
      if (problem.status !== status) faults.push("an error whose status is not the answer's");
    }
  }
  if (forged) {
    const refused = UNVERIFIED_STATUSES.has(status) && (status !== 400 || UNVERIFIED_CODES.has(String(code)));
    if (!refused) faults.push(`a forgery was answered ${status} ${code}`);
  } else if (
    status === 401 &&
    call.target === "signed" &&
    viewOf(call).signatureHeader === call.signed?.signatureHeader
  ) {
    faults.push(`a genuine call was answered 401: ${answer}`);
  }
  return faults;
}

/** Whether a call to the verifying handler is not what was signed. */
function isForged(call: Case): boolean {
  if (call.target !== "signed") return false;
  if (call.signed === undefined) return true;
  const { covered, body } = call.signed;
  if (body.length !== call.body.length || body.some((byte, index) => byte !== call.body[index])) return true;
  return viewOf(call).covered !== covered;
}

const MAX_LEVELS = 65;

/** What is wrong with an event that a callback got. */
function faultsOfEvent(event: WebhookEvent | UnknownEvent): string[] {
  const faults = faultsOfMap(event.raw, "raw", 0);
  for (const [name, value] of Object.entries(event)) {
    if (["fields", "parameters", "interests"].includes(name)) faults.push(...faultsOfMap(value, name, 0));
    else if (value instanceof Date && Number.isNaN(value.getTime())) faults.push(`${name} is no date`);
    else if (typeof value === "number" && !Number.isSafeInteger(value)) faults.push(`${name} is ${value}`);
  }
  return faults;
}

function faultsOfMap(map: unknown, path: string, level: number): string[] {
  if (typeof map !== "object" || map === null) return [`${path} is no map`];
  if (Object.getPrototypeOf(map) !== null) return [`${path} has a prototype`];
  if (level > MAX_LEVELS) return [`${path} is too deep`];
  return Object.entries(map).flatMap(([name, value]) => {
    if (typeof value === "string") return [];
    if (typeof value === "boolean" && path === "interests") return [];
    return faultsOfMap(value, `${path}.${name}`, level + 1);
  });
}

function describePrototypes(): string {
  return NATIVE_PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length).join();
}

function sizeOf({ url, headers, body }: Case): number {
  return headers.reduce((bytes, [name, value]) => bytes + name.length + value.length, url.length + body.length);
}

function nanosecondsPerByte({ bytes, milliseconds }: Cost): number {
  return (milliseconds * 1e6) / bytes;
}

const PLAIN_FIELDS = 250;
const PLAIN_TIMES = 1_000;

/**
 * What a plain form of the greatest size takes, in milliseconds, from a smaller one. The least of many times, since what goes
 * on beside it only adds.
 */
async function measurePlain(handler: WebhookHandler): Promise<number> {
  const fields = Object.fromEntries(
    Array.from({ length: PLAIN_FIELDS }, (_, index) => [`field${index}`, "a value with spaces"]),
  );
  const body = bytesOf(encodeForm({ ...samples["profile.create"], fields }));
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < PLAIN_TIMES; times += 1) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const exchange = await send(handler, new Request("https://example.com/", { method: "POST", headers, body }));
    if ("problem" in exchange || exchange.status !== 200)
      throw new Error(`The plain form: ${JSON.stringify(exchange)}.`);
    least = Math.min(least, exchange.milliseconds);
  }
  return (least * DEFAULT_MAX_BODY_BYTES) / body.length;
}

import type { ResolveTxt } from "../../signature/dns.ts";
import { CONTENT_TYPES, signWith } from "../../testing/sign-call.ts";
import { type Call, headerOf } from "../call/call.ts";
import type { CapturedCall } from "../call/capture.ts";
import type { Answer } from "../call/post.ts";
import { makeSignedCall } from "../call/sign.ts";
import type { DevelopmentKey } from "../keys/development-key.ts";
import { verifyAllSteps } from "../verify/steps.ts";
import { type App, isReached } from "./app.ts";
import { type Filter, passes } from "./filter.ts";
import { type Attempt, type ReceivedCall, readReceived } from "./received.ts";
import { problemReply, type Reply } from "./receiver.ts";

/** How many calls are kept to be looked at and replayed; the oldest are forgotten first. */
const MAX_KEPT_CALLS = 10_000;

/** How much the calls that are kept, and the app's answers to them, may take together, in bytes. */
const MAX_KEPT_BYTES = 256 * 1_024 * 1_024;

/** How many calls wait for an app that is away; those above are refused, and Copernica's log tells of them. */
const MAX_WAITING_CALLS = 10_000;

/** How old a call may get, in milliseconds, before its Date would have an app refuse it: then it is signed anew. */
const FRESH_MS = 240_000;

/** How calls are received. */
export interface TrafficSettings {
  /** The account that they must be for; any, if undefined. */
  readonly account: number | undefined;
  /** The URL that Copernica calls, if a tunnel or a proxy changes host or path. */
  readonly publicUrl: URL | undefined;
  /** Looks up key records. */
  readonly resolveTxt: ResolveTxt;
  /** Which events are shown and forwarded. */
  readonly filter: Filter;
  /** The app that they are forwarded to; undefined if there is none. */
  readonly app: App | undefined;
  /** Whether the app gets them signed anew with the development key, not byte for byte. */
  readonly signAnew: boolean;
  /** What calls are signed anew with. */
  readonly key: DevelopmentKey;
}

/** Is told of calls. */
type Watcher = (received: ReceivedCall, what: "came" | "attempted") => void;

/** The calls of a session. */
export interface Traffic {
  /** Takes a call, and answers it. */
  readonly receive: (call: Call) => Promise<Reply>;
  /** The calls that are kept, oldest first. */
  readonly calls: () => Iterable<ReceivedCall>;
  /** The call of a number, if it is kept; without a number, the last one. */
  readonly find: (number?: number) => ReceivedCall | undefined;
  /** Sends a call to the app once more, signed anew; with another body, if one is given. Undefined if there is no app. */
  readonly replay: (received: ReceivedCall, body?: Uint8Array) => Promise<Answer | undefined>;
  /** Tells of each call, and of each attempt after that to hand it to the app. Returns what ends that. */
  readonly watch: (watcher: Watcher) => () => void;
}

/** Starts a session without calls. */
export function createTraffic(settings: TrafficSettings): Traffic {
  const { account, publicUrl, resolveTxt, filter, app, key } = settings;
  const kept = new Map<number, ReceivedCall>();
  const watchers = new Set<Watcher>();
  let keptBytes = 0;
  let waiting = 0;
  let lastNumber = 0;

  function keep(received: ReceivedCall, what: Parameters<Watcher>[1] = "came"): void {
    keptBytes += sizeOf(received) - sizeOf(kept.get(received.number));
    kept.set(received.number, received);
    for (const [number, oldest] of kept) {
      if (kept.size <= MAX_KEPT_CALLS && keptBytes <= MAX_KEPT_BYTES) break;
      kept.delete(number);
      keptBytes -= sizeOf(oldest);
    }
    for (const watcher of watchers) watcher(received, what);
  }

  function addAttempt(number: number, attempt: Attempt): void {
    const received = kept.get(number);
    if (received === undefined) return; // so long ago that it is forgotten
    keep({ ...received, attempts: [...received.attempts, attempt], isWaiting: false }, "attempted");
  }

  async function receive(call: Call): Promise<Reply> {
    const now = Date.now();
    const verification = await verifyAllSteps(call, { account, publicUrl, now, resolveTxt });
    const event = readReceived(call);
    const ownReply = verification.verified ? accepted : call.method === "POST" ? refused : wrongMethod;
    if (!passes(filter, event)) return ownReply;
    lastNumber += 1;
    const captured = { ...call, receivedAt: now, keyRecords: verification.keyRecords };
    const received = { number: lastNumber, call: captured, verification, event, attempts: [], isWaiting: false };
    // What is not Copernica's is never signed anew: that would make it so.
    if (app === undefined || (settings.signAnew && !verification.verified)) {
      keep(received);
      return ownReply;
    }
    return await forward(received, app, ownReply);
  }

  async function forward(received: ReceivedCall, app: App, ownReply: Reply): Promise<Reply> {
    const { call, verification } = received;
    const canWait = verification.verified && waiting < MAX_WAITING_CALLS;
    // What waits goes first, so that the app gets calls in the order in which they came.
    if (waiting > 0 && canWait) return wait(received, app, ownReply);
    const at = Date.now();
    const answer = await app.send(settings.signAnew ? await signAnew(call) : call);
    const attempted = {
      ...received,
      attempts: [{ at, signed: settings.signAnew ? "anew" : "as it came", answer }],
    } as const;
    if (!isReached(answer) && canWait) return wait(attempted, app, ownReply);
    keep(attempted);
    if (answer.status !== undefined) return { ...answer, status: answer.status };
    if (answer.timedOut) return noAnswer;
    return verification.verified ? appAway : ownReply;
  }

  function wait(received: ReceivedCall, app: App, ownReply: Reply): Reply {
    const { call, number } = received;
    let signed: Attempt["signed"] = "as it came";
    keep({ ...received, isWaiting: true });
    waiting += 1;
    app.sendWhenBack(
      async () => {
        signed = settings.signAnew || Date.now() - (call.receivedAt ?? 0) > FRESH_MS ? "anew" : "as it came";
        return signed === "anew" ? await signAnew(call) : call;
      },
      (answer) => {
        waiting -= 1;
        addAttempt(number, { at: Date.now(), signed, answer });
      },
    );
    return ownReply;
  }

  function signAnew(call: CapturedCall, body: Uint8Array = call.body): Promise<Call> {
    const account = Number(/\d+/.exec(headerOf(call, "x-copernica-id") ?? "")?.[0] ?? settings.account);
    return makeSignedCall({
      url: publicUrl ?? urlOf(call),
      account,
      body: Uint8Array.from(body),
      contentType: headerOf(call, "content-type") ?? CONTENT_TYPES.form,
      date: new Date(),
      nonce: crypto.randomUUID(),
      keyId: key.keyId,
      sign: signWith(key.privateKey),
    });
  }

  return {
    receive,
    calls: () => kept.values(),
    find: (number) => (number === undefined ? [...kept.values()].at(-1) : kept.get(number)),
    async replay({ number, call }, body) {
      if (app === undefined) return undefined;
      const at = Date.now();
      const answer = await app.send(await signAnew(call, body));
      addAttempt(number, { at, signed: "anew", answer });
      return answer;
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** The URL that was called, as far as Host and the request target tell; some other one, if they are nonsense. */
function urlOf(call: Call): URL {
  const url = `http://${headerOf(call, "host")}${call.target}`;
  return new URL(URL.canParse(url) ? url : "http://localhost/");
}

/** What a call takes in memory, in bytes, without what is the same for all. */
function sizeOf(received: ReceivedCall | undefined): number {
  if (received === undefined) return 0;
  const answers = received.attempts.reduce((bytes, { answer }) => bytes + answer.body.byteLength, 0);
  return received.call.body.byteLength + answers;
}

const accepted: Reply = { status: 200, headers: [], body: new Uint8Array() };

const appAway = problemReply(503, "app_away", "The app can't be reached, and too many calls wait for it already.");

const noAnswer = problemReply(504, "app_timeout", "The app did not answer in time.");

/** Says nothing of why: who asks may be anybody, and must not learn which account this is for. */
const refused = problemReply(401, "not_verified", "The call is not verified; listen shows why.");

const wrongMethod: Reply = problemReply(405, "method_not_allowed", "Send the event with POST.");

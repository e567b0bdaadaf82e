import type { Inbox } from "../../inbox/inbox.ts";
import type { ResolveTxt } from "../../signature/dns.ts";
import type { Call } from "../call/call.ts";
import type { Answer } from "../call/post.ts";
import { verifyAllSteps } from "../verify/steps.ts";
import { type App, isReached } from "./app.ts";
import { type Filter, passes } from "./filter.ts";
import { type Attempt, type ReceivedCall, readReceived } from "./received.ts";
import { problemReply, type Reply } from "./receiver.ts";
import { createSession, type Session } from "./session.ts";
import { createSigning, type SigningSettings } from "./sign-anew.ts";
import { createStoredCalls } from "./stored.ts";

/** How many calls wait for an app that is away; those above are refused, and Copernica's log tells of them. */
const MAX_WAITING_CALLS = 10_000;

/** How calls are received. */
export interface TrafficSettings extends SigningSettings {
  /** The account that they must be for; any, if undefined. */
  readonly account: number | undefined;
  /** Looks up key records. */
  readonly resolveTxt: ResolveTxt;
  /** Which events are shown and forwarded. */
  readonly filter: Filter;
  /** The app that they are forwarded to; undefined if there is none. */
  readonly app: App | undefined;
  /** Where verified calls are stored before they are forwarded; undefined if nowhere. */
  readonly inbox: Inbox | undefined;
  /** Told of what the user must know. */
  readonly warn: (message: string) => void;
}

/** The calls of a session. */
export interface Traffic extends Pick<Session, "calls" | "find" | "watch"> {
  /** Takes a call, and answers it. */
  readonly receive: (call: Call) => Promise<Reply>;
  /** Sends a call to the app once more, signed anew; with another body, if one is given. Undefined if there is no app. */
  readonly replay: (received: ReceivedCall, body?: Uint8Array) => Promise<Answer | undefined>;
  /** Begins to hand to the app what an earlier session stored. */
  readonly begin: () => Promise<void>;
  /** Ends it. Resolves to how many calls still wait for the app, and are lost or stored for the next session. */
  readonly stop: () => Promise<{ readonly lost: number; readonly stored: number }>;
}

/** Starts a session. */
export function createTraffic(settings: TrafficSettings): Traffic {
  const { account, publicUrl, resolveTxt, filter, app, inbox, warn } = settings;
  const session = createSession();
  const { keep, addAttempt, calls, find, watch } = session;
  const { signAnew, prepare } = createSigning(settings);
  const stored = inbox && createStoredCalls({ inbox, app, session, prepare, warn });
  let waiting = 0;

  async function receive(call: Call): Promise<Reply> {
    const now = Date.now();
    const verification = await verifyAllSteps(call, { account, publicUrl, now, resolveTxt });
    const event = readReceived(call);
    const ownReply = verification.verified ? accepted : call.method === "POST" ? refused : wrongMethod;
    if (!passes(filter, event)) return ownReply;
    const captured = { ...call, receivedAt: now, keyRecords: verification.keyRecords };
    const known = { call: captured, verification, event, attempts: [], isWaiting: false };
    const received: ReceivedCall = { number: session.nextNumber(), ...known };
    if (verification.verified && (await stored?.store(received))) return accepted;
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
    const signed = settings.signAnew ? "anew" : "as it came";
    const answer = await app.send(settings.signAnew ? await signAnew(call) : call);
    const attempted = { ...received, attempts: [{ at, signed, answer }] } as const;
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
        const outgoing = await prepare(call);
        signed = outgoing.signed;
        return outgoing.call;
      },
      (answer) => {
        waiting -= 1;
        addAttempt(number, { at: Date.now(), signed, answer });
      },
    );
    return ownReply;
  }

  return {
    receive,
    calls,
    find,
    watch,
    async replay({ number, call }, body) {
      if (app === undefined) return undefined;
      const at = Date.now();
      const answer = await app.send(await signAnew(call, body));
      addAttempt(number, { at, signed: "anew", answer });
      return answer;
    },
    begin: async () => await stored?.begin(),
    stop: async () => ({ lost: waiting, stored: (await stored?.stop()) ?? 0 }),
  };
}

const accepted: Reply = { status: 200, headers: [], body: new Uint8Array() };

const appAway = problemReply(503, "app_away", "The app can't be reached, and too many calls wait for it already.");

const noAnswer = problemReply(504, "app_timeout", "The app did not answer in time.");

/** Says nothing of why: who asks may be anybody, and must not learn which account this is for. */
const refused = problemReply(401, "not_verified", "The call is not verified; listen shows why.");

const wrongMethod: Reply = problemReply(405, "method_not_allowed", "Send the event with POST.");

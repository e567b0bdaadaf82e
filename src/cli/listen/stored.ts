import type { StoredDelivery } from "../../inbox/delivery.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { Process } from "../../inbox/worker.ts";
import { decodeSignature } from "../../signature/header.ts";
import { deliveryIdOf } from "../../signature/verify.ts";
import { isAccepted, problemOf } from "../call/problem.ts";
import { captureOf } from "../inbox/capture.ts";
import { sleep } from "../send/load.ts";
import { ANSWER_TIMEOUT_MS, type App, isReached, RETRY_INTERVAL_MS } from "./app.ts";
import { type Attempt, type ReceivedCall, readReceived } from "./received.ts";
import type { Session } from "./session.ts";
import { type Outgoing, urlOf } from "./sign-anew.ts";

/** Verified calls, stored until the app has taken them. */
export interface StoredCalls {
  /** Stores a call, and has it handed to the app; false if it can't be stored. */
  readonly store: (received: ReceivedCall) => Promise<boolean>;
  /** Begins to hand calls to the app, those first that an earlier session left. */
  readonly begin: () => Promise<void>;
  /** Ends that. Resolves to how many calls wait in the inbox. */
  readonly stop: () => Promise<number>;
}

/** What storing calls needs. */
export interface StoredCallsSettings {
  readonly inbox: Inbox;
  readonly app: App | undefined;
  readonly session: Session;
  /** Makes of a call what is sent to the app. */
  readonly prepare: (call: ReceivedCall["call"]) => Promise<Outgoing>;
  readonly warn: (message: string) => void;
}

/** Answers that may be others the next time, beside those of a fault of the app. */
const PASSING_STATUSES: readonly number[] = [408, 425, 429];

/** How long answers that are awaited may still take when it ends, in milliseconds. */
const STOP_GRACE_MS = 1_000;

/** Makes what stores calls, and hands them to the app. */
export function createStoredCalls({ inbox, app, session, prepare, warn }: StoredCallsSettings): StoredCalls {
  /** The numbers of calls of this session that the app has not taken yet, by delivery. */
  const numbers = new Map<string, number>();
  /** Calls that are stored, but not shown yet: who works through the inbox may be faster. */
  const arriving = new Map<string, Promise<void>>();
  const ended = new AbortController();
  let wake: () => void = () => {};
  let canStore = true;

  async function store(received: ReceivedCall): Promise<boolean> {
    const { call, event, verification } = received;
    const deliveryId = deliveryIdOf(decodeSignature(verification.parameters?.signature ?? ""));
    let arrived: () => void = () => {};
    arriving.set(
      deliveryId,
      new Promise((resolve) => {
        arrived = resolve;
      }),
    );
    try {
      const outcome = await inbox.receive({
        deliveryId,
        receivedAt: new Date(call.receivedAt ?? Date.now()),
        url: urlOf(call).href,
        headers: new Headers(call.headers.map(([name, value]): [string, string] => [name, value])),
        body: call.body,
        event: event.event,
      });
      canStore = true;
      if (outcome === "stored") numbers.set(deliveryId, received.number);
      session.keep({ ...received, stored: outcome });
      wake();
      return true;
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      if (canStore) warn(`${cause.message} Calls are handed to the app without being stored until they can be.`);
      canStore = false;
      return false;
    } finally {
      arriving.delete(deliveryId);
      arrived();
    }
  }

  /** The call of a delivery, as this session shows it; shown only now, if an earlier one stored it. */
  async function showStored(delivery: StoredDelivery): Promise<ReceivedCall> {
    const { deliveryId } = delivery;
    await arriving.get(deliveryId);
    const known = session.find(numbers.get(deliveryId) ?? 0);
    if (known !== undefined) return known;
    const call = captureOf(delivery);
    const received = { number: session.nextNumber(), call, verification: earlier, event: readReceived(call) };
    const kept: ReceivedCall = { ...received, attempts: [], isWaiting: false, stored: "stored" };
    numbers.set(deliveryId, kept.number);
    session.keep(kept);
    return kept;
  }

  function createProcess(app: App): Process {
    return async (delivery, { signal }) => {
      const received = await showStored(delivery);
      let attempt = await sendTo(app, received);
      if (!isReached(attempt.answer) && !(await app.isListening())) {
        session.keep({ ...received, isWaiting: true }, "attempted");
        await waitUntilListening(app, signal);
        attempt = await sendTo(app, received);
      }
      session.addAttempt(received.number, attempt);
      return settle(delivery.deliveryId, attempt);
    };
  }

  async function sendTo({ send }: App, received: ReceivedCall): Promise<Attempt> {
    const at = Date.now();
    const { signed, call } = await prepare(received.call);
    return { at, signed, answer: await send(call) };
  }

  /** Waits for the app within an attempt: later calls wait behind this one, so that all keep their order. */
  async function waitUntilListening({ isListening }: App, signal: AbortSignal): Promise<void> {
    while (!(await isListening())) {
      await sleep(RETRY_INTERVAL_MS, signal);
      if (signal.aborted || ended.signal.aborted) throw brief("The app could not be reached.");
    }
  }

  /** What the inbox is told of an answer: taken, to be tried again, or given up. */
  function settle(deliveryId: string, { answer }: Attempt): Awaited<ReturnType<Process>> {
    const { status = 500 } = answer;
    const isFinal = isAccepted(answer) || (status < 500 && !PASSING_STATUSES.includes(status));
    if (!isFinal) throw brief(`The app answered ${answer.status ?? "nothing"}: ${problemOf(answer)}`);
    numbers.delete(deliveryId);
    if (isAccepted(answer)) return undefined;
    return { code: "app_refused", message: `The app answered ${status}: ${problemOf(answer)}` };
  }

  /** Hands to the app what is due, whenever something is. */
  async function work(): Promise<void> {
    const { signal } = ended;
    let hasFailed = false;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        await inbox.drain();
        hasFailed = false;
      } catch (cause) {
        if (!hasFailed && !signal.aborted) warn(cause instanceof Error ? cause.message : String(cause));
        hasFailed = true;
      }
      await Promise.race([...(hasFailed ? [] : [woken]), sleep(RETRY_INTERVAL_MS, signal)]);
    }
  }

  return {
    store,
    async begin() {
      if (app === undefined) return;
      inbox.work(createProcess(app), { timeoutMs: ANSWER_TIMEOUT_MS });
      await inbox.replay({ state: "retryable" }); // what an earlier session was at comes first, as it came first
      void work();
    },
    async stop() {
      ended.abort();
      const { available, running, retryable } = await inbox.stats();
      await inbox.stop({ graceMs: STOP_GRACE_MS });
      return available + running + retryable;
    },
  };
}

/** The verification of a call that an earlier session took: an inbox has verified calls alone, without their signatures. */
const earlier: ReceivedCall["verification"] = {
  verified: true,
  steps: [{ name: "inbox", outcome: "passed", detail: "verified when it came; an inbox does not keep the signature" }],
  parameters: undefined,
  signingString: undefined,
  keyRecords: undefined,
  keys: [],
};

/** An error without a stack: the place where it is thrown is of no use to anyone who looks at the inbox. */
function brief(message: string): Error {
  return Object.assign(new Error(message), { stack: undefined });
}

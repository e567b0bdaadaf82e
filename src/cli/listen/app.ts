import { connect } from "node:net";
import type { Call } from "../call/call.ts";
import { type Answer, post } from "../call/post.ts";
import { sleep } from "../send/load.ts";

/** How long an app may take to answer, in milliseconds. */
export const ANSWER_TIMEOUT_MS = 60_000;

/** How often it is tried whether an app is back, in milliseconds. */
export const RETRY_INTERVAL_MS = 500;

/** The app that calls are forwarded to. */
export interface App {
  /** Hands it a call; the answer has no status if the app can't be reached. */
  readonly send: (call: Call) => Promise<Answer>;
  /** Whether anything listens there. */
  readonly isListening: () => Promise<boolean>;
  /** Hands it a call as soon as it can be reached, after those that wait already. */
  readonly sendWhenBack: (makeCall: () => Promise<Call>, onAnswer: (answer: Answer) => void) => void;
}

/** Makes what hands calls to an app. */
export function createApp(url: URL, stop: AbortSignal): App {
  let queue = Promise.resolve();

  /** If the URL names no path, that of the call is kept, and so is its signature. */
  function send(call: Call): Promise<Answer> {
    const isRoot = url.pathname === "/" && url.search === "";
    return post({ ...call, target: isRoot ? call.target : url.pathname + url.search }, url, {
      timeoutMs: ANSWER_TIMEOUT_MS,
      signal: stop,
    });
  }

  return {
    send,
    isListening() {
      const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
      return new Promise((resolve) => {
        const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port, signal: stop });
        socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
        socket.once("connect", () => socket.destroy());
      });
    },
    sendWhenBack(makeCall, onAnswer) {
      queue = queue.then(async () => {
        for (;;) {
          const answer = await send(await makeCall());
          if (isReached(answer)) return onAnswer(answer);
          if (stop.aborted) return;
          await sleep(RETRY_INTERVAL_MS, stop);
        }
      });
    },
  };
}

/** Whether there was an app: one that takes too long is there. */
export function isReached({ status, timedOut }: Answer): boolean {
  return status !== undefined || timedOut;
}

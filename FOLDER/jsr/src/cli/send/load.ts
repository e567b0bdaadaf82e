import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Call } from "../call/call.ts";
import { type Answer, post } from "../call/post.ts";

/** How many calls are sent, and how fast. */
export interface LoadSettings {
  /** The server. */
  readonly to: URL;
  /** How many. */
  readonly count: number;
  /** How many are started a second; as many as the server takes, if undefined. */
  readonly ratePerSecond: number | undefined;
  /** How many may be under way at once. */
  readonly concurrency: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborted when no more are to be sent. */
  readonly stop: AbortSignal;
}

/**
 * Sends calls, several at once, at a steady rate.
 *
 * @param settings How many, and how fast.
 * @param makeCall Makes the call of a number, from 1 on, shortly before it is sent.
 * @param onAnswer Told of each answer, in the order in which they come.
 */
export async function sendCalls(
  { to, count, ratePerSecond, concurrency, timeoutMs, stop }: LoadSettings,
  makeCall: (number: number) => Promise<Call>,
  onAnswer: (number: number, answer: Answer) => void,
): Promise<void> {
  const Agent = to.protocol === "https:" ? HttpsAgent : HttpAgent;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const started = performance.now();
  let next = 1;
  async function sendInTurn(): Promise<void> {
    while (next <= count && !stop.aborted) {
      const number = next;
      next += 1;
      const call = await makeCall(number);
      if (ratePerSecond !== undefined) {
        await sleep(started + ((number - 1) * 1_000) / ratePerSecond - performance.now(), stop);
      }
      if (stop.aborted) return;
      onAnswer(number, await post(call, to, { timeoutMs, agent, signal: stop }));
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, sendInTurn));
  agent.destroy();
}

/** Waits, but not on after a signal. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", wake);
  });
}

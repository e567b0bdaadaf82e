import { expect } from "vitest";
import { type AnsweredError, createWebhookHandler, type DeliveryStore, type WebhookOptions } from "../../src/index.ts";
import { createTestCopernica } from "../../src/testing.ts";
import { ENDPOINT, post, postEvent } from "./posts.ts";

/** A sender that signs as Copernica does. */
export const copernica = await createTestCopernica({ account: 1234, keyBits: 1_024, url: ENDPOINT });

/** What no answer may show, wherever it stood. */
export const SECRET = "c0ffee-swordfish";

/** Whether requests of this runtime can have this method; Workers know fewer than others. */
export function isMethod(method: string): boolean {
  try {
    return new Request(ENDPOINT, { method }).method === method;
  } catch {
    return false;
  }
}

/** A handler that keeps what its callbacks are told. */
export function receiver(options: WebhookOptions = {}) {
  const errors: AnsweredError[] = [];
  const warnings: unknown[][] = [];
  const handler = createWebhookHandler({
    ...(options.account === undefined && { verify: false }),
    onError: (error) => errors.push(error),
    onWarning: (...warning) => warnings.push(warning),
    ...options,
  });
  return { handler, errors, warnings };
}

/** A problem document, as RFC 9457 has it. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly faults?: readonly Record<string, string>[];
}

/** The problem document of an answer, which must be one as RFC 9457 has it. */
export async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem: Problem = await response.json();
  expect(problem.status).toBe(response.status);
  expect(problem.title).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)*$/);
  expect(problem.detail).toMatch(/\.$/);
  for (const member of Object.keys(problem)) expect(["title", "status", "detail", "code", "faults"]).toContain(member);
  return problem;
}

/** All of an answer that a stranger can see. */
export async function shownBy(response: Response): Promise<string> {
  return JSON.stringify([response.statusText, [...response.headers], await response.text()]);
}

/** A body that comes in these parts. */
export function streamOf(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

/** A POST whose client goes away in the middle. */
export function cutOff(reason: unknown = new Error("ECONNRESET")): Request {
  let begun = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) controller.error(reason);
      else controller.enqueue(new TextEncoder().encode("type=create&profile=4211&"));
      begun = true;
    },
  });
  return post(body);
}

/** A call whose body was read by something else. */
export async function readAlready(): Promise<Request> {
  const request = postEvent();
  await request.text();
  return request;
}

/** What a callback returns that never finishes. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** A store of deliveries that lets every delivery in. */
export const working: DeliveryStore = { claim: () => "claimed", complete() {}, release() {} };

/** The options of a handler that verifies senders. */
export const verified: WebhookOptions = { account: 1234, verify: { resolveTxt: copernica.resolveTxt } };

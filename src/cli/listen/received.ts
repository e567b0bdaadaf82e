import type { Fault } from "../../errors.ts";
import { HttpError } from "../../errors.ts";
import type { UnknownEvent, WebhookEvent } from "../../events/event.ts";
import { parseEvent } from "../../events/parse.ts";
import { decodeBody } from "../../form/body.ts";
import type { FormTree } from "../../form/tree.ts";
import type { AddOutcome } from "../../inbox/store.ts";
import { type Call, headerOf } from "../call/call.ts";
import type { CapturedCall } from "../call/capture.ts";
import type { Answer } from "../call/post.ts";
import type { Verification } from "../verify/steps.ts";

/** What the body of a call brings, as far as it can be read. */
export interface ReceivedEvent {
  /** The event's name; `unknown` of a type that is not known, `unreadable` of a body that can't be read. */
  readonly name: string;
  /** The decoded body; undefined if it can't be decoded. */
  readonly variables: FormTree | undefined;
  /** The typed event; undefined if variables are missing or malformed. */
  readonly event: WebhookEvent | UnknownEvent | undefined;
  /** What is wrong with it, in words. */
  readonly problem: string | undefined;
  /** The variables that do not fit. */
  readonly faults: readonly Fault[];
}

/** An attempt to hand a call to the app. */
export interface Attempt {
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  /** How: the bytes that came, or signed anew with the development key. */
  readonly signed: "as it came" | "anew";
  /** What the app answered. */
  readonly answer: Answer;
}

/** A call that came in, and all that happened to it. */
export interface ReceivedCall {
  /** Its number in this session, from 1 on. */
  readonly number: number;
  /** The call as it came. */
  readonly call: CapturedCall;
  /** Whether it is Copernica's. */
  readonly verification: Verification;
  /** What it brings. */
  readonly event: ReceivedEvent;
  /** What was done with it. */
  readonly attempts: readonly Attempt[];
  /** Whether it waits for the app, which can't be reached. */
  readonly isWaiting: boolean;
  /** What became of it in the inbox, if there is one. */
  readonly stored?: AddOutcome;
}

/** Reads what a call brings. */
export function readReceived(call: Call): ReceivedEvent {
  const contentType = headerOf(call, "content-type") ?? null;
  let variables: FormTree | undefined;
  try {
    variables = decodeBody(call.body, contentType);
    const event = parseEvent(call.body, contentType);
    return { name: event.name, variables, event, problem: undefined, faults: [] };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const name = variables === undefined ? "unreadable" : String(variables.type ?? "unknown");
    return { name, variables, event: undefined, problem: error.message, faults: error.faults ?? [] };
  }
}

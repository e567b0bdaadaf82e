import { InvalidEventError, parseEvent, type UnknownEvent, type WebhookEvent } from "../../src/index.ts";
import { encodeForm, type Variables } from "../../src/testing.ts";
import { FORM, profileCreated, without } from "./posts.ts";

/** An event, known or not. */
export type AnyEvent = WebhookEvent | UnknownEvent;

/** The event of variables that are sent as a form. */
export function fromForm(variables: Variables, timeZone?: string): AnyEvent {
  return parseEvent(encodeForm(variables), FORM, timeZone === undefined ? {} : { timeZone });
}

/** The event of variables that are sent as JSON. */
export function fromJson(variables: unknown): AnyEvent {
  return parseEvent(JSON.stringify(variables), "application/json");
}

/** The event of a created profile with some variables of its own. */
export function created(variables: Variables): WebhookEvent<"profile.create"> {
  const event = fromForm({ ...without(profileCreated, "interests"), ...variables });
  if (event.name !== "profile.create") throw new Error(`It is ${event.name}.`);
  return event;
}

/** The variables that are at fault, with what came. */
export function faultsOf(variables: Variables): Record<string, string> {
  try {
    fromForm(variables);
  } catch (error) {
    if (!(error instanceof InvalidEventError)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, received }) => [variable, received]));
  }
  return {};
}

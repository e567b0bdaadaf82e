import type { FormTree } from "../form/tree.ts";
import type { CallbackName, EventName, Events, variableGroups } from "./map.ts";
import type { VariableKinds } from "./variables.ts";

/** The event that a callback is called with. */
export type EventFor<Callback extends CallbackName> = {
  // One flat type: an editor shows its name, and the comments of the map beside its variables.
  readonly [Variable in keyof PartsOf<Callback>]: PartsOf<Callback>[Variable];
};

/**
 * Event name → event.
 *
 * @internal
 */
type EventsByName = { readonly [Callback in CallbackName as Events[Callback]["name"]]: EventFor<Callback> };

/**
 * An event of Copernica's: one of the whole family, which `name` narrows, or those with the names given.
 *
 * Variables keep Copernica's own names, so that its documentation applies.
 *
 * @example
 * ```ts
 * import type { WebhookEvent } from "copernica-webhooks";
 *
 * function describe(event: WebhookEvent<"profile.create" | "subprofile.create">): string {
 *   return event.name === "profile.create" ? `profile ${event.profile}` : `subprofile ${event.subprofile}`;
 * }
 * ```
 */
export type WebhookEvent<Name extends EventName = EventName> = EventsByName[Name];

/** The variables of an event as they are sent: its `type`, and what its documentation names. */
export type EventVariables<Name extends EventName> = Omit<EventsByName[Name], "name" | "occurredAt" | "raw">;

/** An event of a type that this version does not know; Copernica may add types without notice. */
export interface UnknownEvent {
  /** Sets it apart from every known event. */
  readonly name: "unknown";
  /** The type that Copernica sent. */
  readonly type: string;
  /** The whole body as it was decoded. */
  readonly raw: FormTree;
}

/**
 * What an event consists of: what every event has, the variables that must be there, and those that may.
 *
 * @internal
 */
type PartsOf<Callback extends CallbackName, Variables = VariablesOf<Events[Callback]>> = EveryEvent<
  Events[Callback],
  Variables
> &
  RequiredPart<Variables, RequiredName<Variables>> &
  OptionalPart<Variables, Exclude<keyof Variables, RequiredName<Variables>>>;

/**
 * What every event has beside its variables.
 *
 * @internal
 */
interface EveryEvent<Definition extends Events[CallbackName], Variables> {
  /** The event's name: the discriminant. */
  readonly name: Definition["name"];
  /** The type that Copernica sent. */
  readonly type: Definition["types"][number];
  /** When it happened: `time` if that was sent, else `timestamp` in the handler's `timeZone`. */
  readonly occurredAt: "timestamp" extends RequiredName<Variables> ? Date : Date | undefined;
  /** The whole body as it was decoded, unknown variables included. */
  readonly raw: FormTree;
}

/**
 * The variables of an entry of the map, each with its kind and mark: its own, and of its groups those that it does not
 * replace.
 *
 * @internal
 */
type VariablesOf<Definition extends Events[CallbackName]> = Definition["variables"] &
  Omit<GroupsOf<Definition["groups"]>, keyof Definition["variables"]>;

/**
 * The variables of groups, all of them together.
 *
 * @internal
 */
type GroupsOf<Names extends readonly unknown[]> = Names extends readonly [
  infer First extends keyof typeof variableGroups,
  ...infer Rest,
]
  ? (typeof variableGroups)[First] & GroupsOf<Rest>
  : unknown;

/**
 * The variables that must be there: those whose kind has no mark.
 *
 * @internal
 */
type RequiredName<Variables> = {
  [Variable in keyof Variables]: Variables[Variable] extends keyof VariableKinds ? Variable : never;
}[keyof Variables];

/**
 * The variables that must be there, with what they hold. `Name` is a parameter, since an editor finds the comments of the map
 * through it.
 *
 * @internal
 */
type RequiredPart<Variables, Name extends keyof Variables> = {
  readonly [Variable in Name]: VariableKinds[KindOf<Variables[Variable]>];
};

/**
 * The variables that may be there, with what they hold.
 *
 * @internal
 */
type OptionalPart<Variables, Name extends keyof Variables> = {
  readonly [Variable in Name]?: VariableKinds[KindOf<Variables[Variable]>];
};

/**
 * A variable's kind, without its mark.
 *
 * @internal
 */
type KindOf<Marked> = Marked extends `${infer Kind}${"?" | "~"}`
  ? Kind & keyof VariableKinds
  : Marked & keyof VariableKinds;

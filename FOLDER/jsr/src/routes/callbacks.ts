import type { WebhookContext } from "../context.ts";
import type { EventFor } from "../events/event.ts";
import { type CallbackName, callbackNames, type Events, variablesOf } from "../events/map.ts";
import { callback, optional } from "../options/readers.ts";
import type { OptionReader } from "../options/settle.ts";
import type { RoutedEvent } from "./field-types.ts";

/**
 * A callback for each event. What it returns is awaited: the answer is 200 once it is done, 500 if it throws.
 *
 * Profiles: `onProfileCreate`, `onProfileUpdate`, `onProfileDelete`. Subprofiles: `onSubprofileCreate`,
 * `onSubprofileUpdate`, `onSubprofileDelete`. Messages: `onDelivery`, `onOpen`, `onClick`, `onBounce`, `onFailure`,
 * `onUnsubscribe`, `onAbuse`.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export type WebhookCallbacks<Platform extends readonly unknown[] = readonly unknown[]> = {
  readonly [Callback in keyof Events]?:
    | ((event: EventFor<Callback>, context: WebhookContext<Platform>) => unknown)
    | undefined;
};

/**
 * A callback for each event, its fields and interests typed.
 *
 * @internal
 */
export type RoutedCallbacks<Types, Interest extends string, Platform extends readonly unknown[]> = {
  readonly [Callback in keyof Events]?:
    | ((event: RoutedEvent<EventFor<Callback>, Types, Interest>, context: WebhookContext<Platform>) => unknown)
    | undefined;
};

/**
 * The names of the callbacks whose events have one variable and lack another.
 *
 * @internal
 */
export type CallbackWith<Variable extends string, Without extends string = never> = {
  [Callback in CallbackName]: Variable extends keyof EventFor<Callback>
    ? Without & keyof EventFor<Callback> extends never
      ? Callback
      : never
    : never;
}[CallbackName];

/**
 * A callback whose event's type was checked where it was given, and is not known here any more.
 *
 * @internal
 */
export type ErasedCallback<Platform extends readonly unknown[]> = (
  event: never,
  context: WebhookContext<Platform>,
) => unknown;

/**
 * Callbacks by their names, the types of their events no longer known.
 *
 * @internal
 */
export type ErasedCallbacks<Platform extends readonly unknown[]> = {
  readonly [Callback in CallbackName]?: ErasedCallback<Platform> | undefined;
};

/** How the callbacks are read whose events have a variable. */
export function callbackReaders<Platform extends readonly unknown[]>(
  variable: string,
): { readonly [name: string]: OptionReader<ErasedCallback<Platform> | undefined> } {
  const names = callbackNames.filter((name) => variable in variablesOf(name));
  return Object.fromEntries(names.map((name) => [name, optional(callback<ErasedCallback<Platform>>())]));
}

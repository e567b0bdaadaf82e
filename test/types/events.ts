import { expectTypeOf } from "vitest";
import {
  type CallbackName,
  createWebhookHandler,
  type EventFor,
  type EventName,
  type Fields,
  type FormTree,
  type Interests,
  parseEvent,
  type UnknownEvent,
  type WebhookCallbacks,
  type WebhookEvent,
} from "../../src/index.ts";

/** One type of what is spelled out in parts, as an event is one. */
type Flat<Type> = { [Property in keyof Type]: Type[Property] };
type Expected<Name extends string, Type extends string, Variables> = Flat<
  Readonly<{ name: Name; type: Type; raw: FormTree; occurredAt: Date } & Variables>
>;
type EventOf<Callback extends CallbackName> = Parameters<NonNullable<WebhookCallbacks[Callback]>>[0];

type Timestamps = { timestamp: string; time?: number };
type Creation = Timestamps & { parameters: FormTree; created: string; modified: string; fields: Fields; id?: number };
type Profile = Creation & { profile: number; database: number; interests: Interests };
type Subprofile = Creation & { profile: number; subprofile: number; database: number; collection: number };
type Deletion = Timestamps & { profile: number; fields?: Fields; id?: number };
type Message = Timestamps & {
  id: string;
  recipient: string;
  tags: readonly string[];
  profile?: number;
  mailing?: number;
};
type Reader = { ip: string; useragent?: string; referer?: string };

expectTypeOf<EventOf<"onProfileCreate">>().toEqualTypeOf<Expected<"profile.create", "create", Profile>>();
expectTypeOf<EventOf<"onProfileUpdate">>().toEqualTypeOf<Expected<"profile.update", "update", Profile>>();
expectTypeOf<EventOf<"onProfileDelete">>().toEqualTypeOf<
  Expected<"profile.delete", "delete", Deletion & { database: number }>
>();
expectTypeOf<EventOf<"onSubprofileCreate">>().toEqualTypeOf<Expected<"subprofile.create", "create", Subprofile>>();
expectTypeOf<EventOf<"onSubprofileUpdate">>().toEqualTypeOf<Expected<"subprofile.update", "update", Subprofile>>();
expectTypeOf<EventOf<"onSubprofileDelete">>().toEqualTypeOf<
  Expected<"subprofile.delete", "delete", Deletion & { subprofile: number; collection: number; database?: number }>
>();
expectTypeOf<EventOf<"onClick">>().toEqualTypeOf<Expected<"click", "click", Message & Reader & { original: string }>>();
expectTypeOf<EventOf<"onOpen">>().toEqualTypeOf<Expected<"open", "open", Message & Reader>>();
expectTypeOf<EventOf<"onDelivery">>().toEqualTypeOf<Expected<"delivery", "delivery" | "open", Message>>();
expectTypeOf<EventOf<"onBounce">>().toEqualTypeOf<
  Expected<"bounce", "bounce", Message & { envelope: string; mime: string }>
>();
expectTypeOf<EventOf<"onFailure">>().toEqualTypeOf<
  Expected<
    "failure",
    "failure",
    Message & { action: string; state: string; code?: string; extended?: string; description?: string }
  >
>();
expectTypeOf<EventOf<"onUnsubscribe">>().toEqualTypeOf<
  Expected<
    "unsubscribe",
    "unsubscribe",
    Timestamps & { id: string; database: number; profile: number; mailing: number }
  >
>();
// The article on abuse says the least, so most of it may be absent, the time too.
expectTypeOf<EventOf<"onAbuse">>().toEqualTypeOf<
  Flat<
    Readonly<{
      name: "abuse";
      type: "abuse";
      raw: FormTree;
      occurredAt: Date | undefined;
      timestamp?: string;
      time?: number;
      id: string;
      recipient?: string;
      tags: readonly string[];
      profile?: number;
      mailing?: number;
    }>
  >
>();

/** The callbacks whose parameter is not the event of the same entry in the map. */
type Mismatched = {
  [Callback in CallbackName]: [EventOf<Callback>, EventFor<Callback>] extends [EventFor<Callback>, EventOf<Callback>]
    ? never
    : Callback;
}[CallbackName];
expectTypeOf<Mismatched>().toEqualTypeOf<never>();

// The union of all events narrows by name, to what the callback of that name gets.
expectTypeOf<WebhookEvent["name"]>().toEqualTypeOf<EventName>();
expectTypeOf<Extract<WebhookEvent, { name: "click" }>>().toEqualTypeOf<EventFor<"onClick">>();
expectTypeOf<WebhookEvent<"click">>().toEqualTypeOf<EventFor<"onClick">>();
expectTypeOf<WebhookEvent<"click" | "open">>().toEqualTypeOf<EventFor<"onClick"> | EventFor<"onOpen">>();
// @ts-expect-error: no such event
expectTypeOf<WebhookEvent<"clicks">>();

/** With a case for each event, nothing is left. */
export function describe(event: WebhookEvent | UnknownEvent): string | number {
  switch (event.name) {
    case "profile.create":
      return event.fields.email ?? event.profile;
    case "profile.update":
      return event.modified;
    case "profile.delete":
      return event.fields?.email ?? event.database;
    case "subprofile.create":
      return event.collection;
    case "subprofile.update":
      return event.subprofile;
    case "subprofile.delete":
      return event.database ?? event.collection;
    case "click":
      return event.original;
    case "open":
      return event.useragent ?? event.ip;
    case "delivery":
      return event.recipient;
    case "bounce":
      return event.mime;
    case "failure":
      return event.description ?? event.state;
    case "unsubscribe":
      return event.mailing;
    case "abuse":
      return event.recipient ?? event.id;
    case "unknown":
      return event.type;
    default:
      return event satisfies never;
  }
}

/** With a case too few, something is. */
export function describeCreations(event: WebhookEvent<"profile.create" | "subprofile.create">): number {
  switch (event.name) {
    case "profile.create":
      return event.profile;
    default:
      // @ts-expect-error: a subprofile's creation is left
      return event satisfies never;
  }
}

/** What all events have can be used before the event is known; what some have, cannot. */
export function describeAny(event: WebhookEvent): Date | undefined {
  // @ts-expect-error: an unsubscription has no recipient
  event.recipient;
  // @ts-expect-error: a click has no subprofile
  if (event.name === "click") event.subprofile;
  if ("subprofile" in event) expectTypeOf(event.profile).toEqualTypeOf<number>();
  // @ts-expect-error: events are readonly
  event.name = "click";
  return event.occurredAt;
}

createWebhookHandler({
  onProfileCreate(event, context) {
    expectTypeOf(event).toEqualTypeOf<EventFor<"onProfileCreate">>();
    expectTypeOf(event.fields.email).toEqualTypeOf<string | undefined>();
    expectTypeOf(event.interests.newsletter).toEqualTypeOf<boolean | undefined>();
    expectTypeOf(context.headers).toEqualTypeOf<Headers>();
    expectTypeOf(context.url).toEqualTypeOf<URL>();
    expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(context.receivedAt).toEqualTypeOf<Date>();
    expectTypeOf(context.deliveryId).toEqualTypeOf<string | undefined>();
  },
  async onSubprofileDelete(event) {
    expectTypeOf(event).toEqualTypeOf<EventFor<"onSubprofileDelete">>();
    // @ts-expect-error: a deletion may come without its fields
    event.fields.orderId;
    // @ts-expect-error: a deletion has no interests
    event.interests;
  },
  onEvent(event) {
    expectTypeOf(event).toEqualTypeOf<WebhookEvent | UnknownEvent>();
  },
  onUnhandled(event) {
    expectTypeOf(event).toEqualTypeOf<WebhookEvent | UnknownEvent>();
    if (event.name === "unknown") expectTypeOf(event).toEqualTypeOf<UnknownEvent>();
    else expectTypeOf(event).toEqualTypeOf<WebhookEvent>();
  },
  onError(error) {
    if (error.code === "invalid_fields") expectTypeOf(error.event).toEqualTypeOf<WebhookEvent>();
    // @ts-expect-error: no error has this code
    if (error.code === "invalid_filed") return;
  },
});

createWebhookHandler({
  // @ts-expect-error: a misspelled callback
  onProfileCreated() {},
});
createWebhookHandler({
  onClick() {},
  // @ts-expect-error: a misspelled option
  timeoutMS: 1_000,
});
createWebhookHandler({
  account: 1234,
  verify: {
    // @ts-expect-error: a misspelled option of an option
    maxAgeSecond: 300,
  },
});
createWebhookHandler({
  // @ts-expect-error: a callback of another event
  onClick(event: WebhookEvent<"profile.create">) {
    return event;
  },
});
createWebhookHandler({
  // @ts-expect-error: an object is no callback
  onClick: {},
});

expectTypeOf(parseEvent("", null)).toEqualTypeOf<WebhookEvent | UnknownEvent>();

// An option that may be left out may be undefined, as a variable of the environment is that is not set.
parseEvent("", null, { timeZone: undefined as string | undefined });

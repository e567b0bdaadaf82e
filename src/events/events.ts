import type { FormTree } from "../form/tree.ts";

/**
 * The one map of Copernica's events. All else follows from it: the event types, the callbacks and their names, the schemas
 * and the dispatch. To add an event, add an entry:
 *
 * - its key is the name of its callback; `name` is the event's own name, the discriminant of `WebhookEvent`;
 * - `types` are the values of the variable `type` that it comes with;
 * - `marker`, where events share a type, is the variable that only this one has;
 * - `variables` names the documented variables, each with its kind (a key of `VariableKinds`). A `?` behind the kind: it may
 *   be absent. A `~`: the documentation is not clear about it, so it is given where it is there and readable, and is never
 *   a reason to refuse the event.
 */
export const events = {
  /** A profile was created. Copernica's documentation: "Webhooks: (sub)profile creations". */
  onProfileCreate: {
    name: "profile.create",
    types: ["create"],
    variables: {
      parameters: "parameters",
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      database: "id",
      created: "timestamp",
      modified: "timestamp",
      fields: "fields",
      interests: "interests",
      id: "id~",
    },
  },
  /** A profile was changed. Copernica's documentation: "Webhooks: (sub)profile updates". */
  onProfileUpdate: {
    name: "profile.update",
    types: ["update"],
    variables: {
      parameters: "parameters",
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      database: "id",
      created: "timestamp",
      modified: "timestamp",
      fields: "fields",
      interests: "interests",
      id: "id~",
    },
  },
  /** A profile was deleted. Copernica's documentation: "Webhooks: (sub)profile deletions". */
  onProfileDelete: {
    name: "profile.delete",
    types: ["delete"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      database: "id",
      fields: "fields?",
      id: "id~",
    },
  },
  /** A subprofile was created. Copernica's documentation: "Webhooks: (sub)profile creations". */
  onSubprofileCreate: {
    name: "subprofile.create",
    types: ["create"],
    marker: "subprofile",
    variables: {
      parameters: "parameters",
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      subprofile: "id",
      database: "id",
      collection: "id",
      created: "timestamp",
      modified: "timestamp",
      fields: "fields",
      id: "id~",
    },
  },
  /** A subprofile was changed. Copernica's documentation: "Webhooks: (sub)profile updates". */
  onSubprofileUpdate: {
    name: "subprofile.update",
    types: ["update"],
    marker: "subprofile",
    variables: {
      parameters: "parameters",
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      subprofile: "id",
      database: "id",
      collection: "id",
      created: "timestamp",
      modified: "timestamp",
      fields: "fields",
      id: "id~",
    },
  },
  /** A subprofile was deleted. Copernica's documentation: "Webhooks: (sub)profile deletions". */
  onSubprofileDelete: {
    name: "subprofile.delete",
    types: ["delete"],
    marker: "subprofile",
    variables: {
      timestamp: "timestamp",
      time: "time?",
      profile: "id",
      subprofile: "id",
      database: "id?",
      collection: "id",
      fields: "fields?",
      id: "id~",
    },
  },
  /** A link in a message was clicked. Copernica's documentation: "Webhooks: clicks". */
  onClick: {
    name: "click",
    types: ["click"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      recipient: "text",
      ip: "text",
      original: "text",
      useragent: "text?",
      referer: "text?",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
  /** A message was opened. Copernica's documentation: "Webhooks: opens". */
  onOpen: {
    name: "open",
    types: ["open"],
    marker: "ip",
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      recipient: "text",
      ip: "text",
      useragent: "text?",
      referer: "text?",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
  /**
   * A message was delivered. It may call itself `open`; then it has no `ip`. Copernica's documentation: "Webhooks:
   * deliveries".
   */
  onDelivery: {
    name: "delivery",
    types: ["delivery", "open"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      recipient: "text",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
  /** A message came back, in whatever form: a bounce, an out-of-office reply. Copernica's documentation: "Webhooks: bounces". */
  onBounce: {
    name: "bounce",
    types: ["bounce"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      recipient: "text",
      envelope: "text",
      mime: "text",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
  /** A message could not be delivered. Copernica's documentation: "Webhooks: failures". */
  onFailure: {
    name: "failure",
    types: ["failure"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      recipient: "text",
      action: "text",
      state: "text",
      code: "text?",
      extended: "text?",
      description: "text?",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
  /** A profile unsubscribed. Copernica's documentation: "Webhooks: unsubscribes". */
  onUnsubscribe: {
    name: "unsubscribe",
    types: ["unsubscribe"],
    variables: {
      timestamp: "timestamp",
      time: "time?",
      id: "text",
      database: "id",
      profile: "id",
      mailing: "id",
    },
  },
  /** A receiver reported a message as spam. Copernica's documentation: "Webhooks: abuses". */
  onAbuse: {
    name: "abuse",
    types: ["abuse"],
    variables: {
      timestamp: "timestamp?",
      time: "time?",
      id: "text",
      recipient: "text?",
      tags: "tags",
      profile: "id~",
      mailing: "id~",
    },
  },
} as const;

/**
 * The map of events, as a type: callback name → the event's name, types and variables.
 *
 * @internal
 */
export type Events = typeof events;

/** The name of a callback: `onProfileCreate`, … */
export type CallbackName = keyof Events;

/** The names of the callbacks, in the order of the map. */
export const callbackNames: readonly CallbackName[] = Object.keys(events) as CallbackName[]; // the keys of a literal

/** The name of an event: `profile.create`, … */
export type EventName = Events[CallbackName]["name"];

/** A profile's or subprofile's fields, name → value; on the wire every value is text. */
export interface Fields {
  /** The value of the field of this name. */
  readonly [field: string]: string;
}

/** A profile's interests, name → whether the profile has it. The groups they came in are in the event's `raw`. */
export interface Interests {
  /** Whether the profile has the interest of this name. */
  readonly [interest: string]: boolean;
}

/** What a variable of each kind is to a callback. */
export interface VariableKinds {
  /** What identifies a profile, a database, a mailing: a positive whole number. */
  readonly id: number;
  /** Text, as it was sent. */
  readonly text: string;
  /** `YYYY-MM-DD HH:MM:SS`, as it was sent; it carries no zone. */
  readonly timestamp: string;
  /** Unix time, in seconds. */
  readonly time: number;
  /** What an action was performed with, as it was sent; empty where nothing was sent. */
  readonly parameters: FormTree;
  /** Field name → value, as it was sent; empty where nothing was sent. */
  readonly fields: Fields;
  /** Interest name → whether the profile has it; empty where nothing was sent. */
  readonly interests: Interests;
  /** The tags of a message, in the order sent; empty where nothing was sent. */
  readonly tags: readonly string[];
}

/**
 * The kind in a variable's descriptor, without its `?` or `~`.
 *
 * @internal
 */
type KindOf<Descriptor> = Descriptor extends `${infer Kind}${"?" | "~"}`
  ? Kind & keyof VariableKinds
  : Descriptor & keyof VariableKinds;

/**
 * The event that an entry of the map describes.
 *
 * @internal
 */
type EventOf<Definition extends Events[CallbackName]> = {
  /** The event's name: the discriminant. */
  readonly name: Definition["name"];
  /** The type that Copernica sent. */
  readonly type: Definition["types"][number];
  /** When it happened: `time` where that was sent, else `timestamp` in the handler's `timeZone`. */
  readonly occurredAt: Definition["variables"]["timestamp"] extends "timestamp" ? Date : Date | undefined;
  /** The whole body as it was decoded, unknown variables included. */
  readonly raw: FormTree;
} & {
  readonly [Variable in keyof Definition["variables"] as Definition["variables"][Variable] extends keyof VariableKinds
    ? Variable
    : never]: VariableKinds[KindOf<Definition["variables"][Variable]>];
} & {
  readonly [Variable in keyof Definition["variables"] as Definition["variables"][Variable] extends keyof VariableKinds
    ? never
    : Variable]?: VariableKinds[KindOf<Definition["variables"][Variable]>];
};

/** The event that a callback is called with. */
export type EventFor<Callback extends CallbackName> = EventOf<Events[Callback]>;

/**
 * Event name → event.
 *
 * @internal
 */
type EventsByName = { [Callback in CallbackName as Events[Callback]["name"]]: EventFor<Callback> };

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

/** An event of a type that this version does not know; Copernica may add types without notice. */
export interface UnknownEvent {
  /** Sets it apart from every known event. */
  readonly name: "unknown";
  /** The type that Copernica sent. */
  readonly type: string;
  /** The whole body as it was decoded. */
  readonly raw: FormTree;
}

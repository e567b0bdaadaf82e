/**
 * The variables that several events share, by the name of the group. Each variable has its kind, a key of `VariableKinds`.
 *
 * A `?` behind the kind: the variable may be absent. A `~`: the documentation is not clear about it, so the event has it if
 * it is there and readable, and it is never a reason to refuse the event.
 *
 * What a comment here says of a variable is what an editor shows of it.
 */
export const variableGroups = {
  /** Of every event. */
  moment: {
    /** When it happened, as `YYYY-MM-DD HH:MM:SS`, without a zone. `occurredAt` is the same as a `Date`. */
    timestamp: "timestamp",
    /** When it happened, as Unix time, in seconds. `occurredAt` is the same as a `Date`. */
    time: "time?",
  },
  /** Of what happens to a profile. */
  profile: {
    /** The id of the profile. */
    profile: "id",
    /** The id of the profile's database. */
    database: "id",
    /** Equal to `profile` in Copernica's examples, and not documented: use `profile`. */
    id: "id~",
  },
  /** Of what happens to a subprofile. */
  subprofile: {
    /** The id of the profile that the subprofile belongs to. */
    profile: "id",
    /** The id of the subprofile. */
    subprofile: "id",
    /** The id of the database that the subprofile belongs to. */
    database: "id",
    /** The id of the collection that the subprofile belongs to. */
    collection: "id",
    /** In Copernica's examples only, and neither the profile nor the subprofile there: use `subprofile`. */
    id: "id~",
  },
  /** Of a profile or subprofile that exists. */
  content: {
    /** What it was created or changed with, such as the form that was submitted. */
    parameters: "parameters",
    /** When it was created, as `YYYY-MM-DD HH:MM:SS`, without a zone. */
    created: "timestamp",
    /** When it was last changed, as `YYYY-MM-DD HH:MM:SS`, without a zone. */
    modified: "timestamp",
    /** Its fields: field name → value. Values are text, unless the route of its database or collection types them. */
    fields: "fields",
  },
  /** Of a profile that exists. */
  interests: {
    /** The profile's interests: name → whether the profile has it. */
    interests: "interests",
  },
  /** Of a profile or subprofile that was deleted. */
  deletion: {
    /** The fields that it had, field name → value, if they were sent. */
    fields: "fields?",
  },
  /** Of what happens to a message. */
  message: {
    /** The id of the message. */
    id: "text",
    /** The address that the message was sent to. */
    recipient: "text",
    /** The tags of the message, in the order sent. */
    tags: "tags",
    /** The id of the profile that the message was sent to, if it was sent to one. */
    profile: "id~",
    /** The id of the mailing that the message was part of, if it was part of one. */
    mailing: "id~",
  },
  /** Of a message that somebody opened, or clicked in. */
  reader: {
    /** The IP address of who opened the message. */
    ip: "text",
    /** The `User-Agent` header of who opened the message. */
    useragent: "text?",
    /** The `Referer` header of who opened the message. */
    referer: "text?",
  },
} as const;

/**
 * The one map of Copernica's events. All else follows from it: the event types, the callbacks and their names, the schemas
 * and the dispatch. To add an event, add an entry:
 *
 * - its key is the name of its callback; `name` is the event's own name, the discriminant of `WebhookEvent`;
 * - `types` are the values of the variable `type` that it comes with;
 * - `marker`, if events share a type, is the variable that only this one has;
 * - `groups` name the variables that it shares with others, in {@link variableGroups};
 * - `variables` are its own, written as those are. One that a group has as well replaces it.
 */
export const events = {
  /** A profile was created. Copernica's documentation: "Webhooks: (sub)profile creations". */
  onProfileCreate: {
    name: "profile.create",
    types: ["create"],
    groups: ["moment", "profile", "content", "interests"],
    variables: {},
  },
  /** A profile was changed. Copernica's documentation: "Webhooks: (sub)profile updates". */
  onProfileUpdate: {
    name: "profile.update",
    types: ["update"],
    groups: ["moment", "profile", "content", "interests"],
    variables: {},
  },
  /** A profile was deleted. Copernica's documentation: "Webhooks: (sub)profile deletions". */
  onProfileDelete: {
    name: "profile.delete",
    types: ["delete"],
    groups: ["moment", "profile", "deletion"],
    variables: {},
  },
  /** A subprofile was created. Copernica's documentation: "Webhooks: (sub)profile creations". */
  onSubprofileCreate: {
    name: "subprofile.create",
    types: ["create"],
    marker: "subprofile",
    groups: ["moment", "subprofile", "content"],
    variables: {},
  },
  /** A subprofile was changed. Copernica's documentation: "Webhooks: (sub)profile updates". */
  onSubprofileUpdate: {
    name: "subprofile.update",
    types: ["update"],
    marker: "subprofile",
    groups: ["moment", "subprofile", "content"],
    variables: {},
  },
  /** A subprofile was deleted. Copernica's documentation: "Webhooks: (sub)profile deletions". */
  onSubprofileDelete: {
    name: "subprofile.delete",
    types: ["delete"],
    marker: "subprofile",
    groups: ["moment", "subprofile", "deletion"],
    variables: {
      /** The id of the database that the subprofile belonged to, if it was sent; `collection` always is. */
      database: "id?",
    },
  },
  /** A link in a message was clicked. Copernica's documentation: "Webhooks: clicks". */
  onClick: {
    name: "click",
    types: ["click"],
    groups: ["moment", "message", "reader"],
    variables: {
      /** The URL that the link leads to. */
      original: "text",
    },
  },
  /** A message was opened. Copernica's documentation: "Webhooks: opens". */
  onOpen: {
    name: "open",
    types: ["open"],
    marker: "ip",
    groups: ["moment", "message", "reader"],
    variables: {},
  },
  /**
   * A message was delivered. It may call itself `open`; then it has no `ip`. Copernica's documentation: "Webhooks:
   * deliveries".
   */
  onDelivery: {
    name: "delivery",
    types: ["delivery", "open"],
    groups: ["moment", "message"],
    variables: {},
  },
  /** A message came back, in whatever form: a bounce, an out-of-office reply. Copernica's documentation: "Webhooks: bounces". */
  onBounce: {
    name: "bounce",
    types: ["bounce"],
    groups: ["moment", "message"],
    variables: {
      /** The envelope address that the message came back to. */
      envelope: "text",
      /** The message that came back, in MIME: its headers and its body. */
      mime: "text",
    },
  },
  /** A message could not be delivered. Copernica's documentation: "Webhooks: failures". */
  onFailure: {
    name: "failure",
    types: ["failure"],
    groups: ["moment", "message"],
    variables: {
      /** What called the webhook: `failure` or `failed`. */
      action: "text",
      /** The state of SMTP in which it failed; `bounce` if the failure was reported after the message was accepted. */
      state: "text",
      /** The error code of SMTP, such as `550`. */
      code: "text?",
      /** The extended status code of SMTP, such as `5.1.1`. */
      extended: "text?",
      /** The error, in words. */
      description: "text?",
    },
  },
  /** A profile unsubscribed. Copernica's documentation: "Webhooks: unsubscribes". */
  onUnsubscribe: {
    name: "unsubscribe",
    types: ["unsubscribe"],
    groups: ["moment"],
    variables: {
      /** The id of the message that was unsubscribed from. */
      id: "text",
      /** The id of the profile's database. */
      database: "id",
      /** The id of the profile that unsubscribed. */
      profile: "id",
      /** The id of the mailing that was unsubscribed from. */
      mailing: "id",
    },
  },
  /** A receiver reported a message as spam. Copernica's documentation: "Webhooks: abuses". */
  onAbuse: {
    name: "abuse",
    types: ["abuse"],
    groups: ["moment", "message"],
    variables: {
      /** When it happened, as `YYYY-MM-DD HH:MM:SS`, without a zone, if it was sent. */
      timestamp: "timestamp?",
      /** The address that the message was sent to, if it was sent. */
      recipient: "text?",
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

/** The name of the callback for each event. */
export const callbacksByEvent = Object.fromEntries(callbackNames.map((name) => [events[name].name, name])) as {
  readonly [Name in EventName]: CallbackName;
}; // the map of events, turned around

/** Lists the variables of a callback's event, each with its kind and mark: those of its groups, and its own. */
export function listVariables(callback: CallbackName): { readonly [variable: string]: string } {
  const { groups, variables } = events[callback];
  return Object.assign({}, ...groups.map((group) => variableGroups[group]), variables);
}

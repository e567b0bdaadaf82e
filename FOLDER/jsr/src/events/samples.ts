import type { EventVariables } from "./event.ts";
import type { EventName } from "./map.ts";

const profile = {
  parameters: { source: "form" },
  timestamp: "2026-11-24 10:15:30",
  time: 1795511730,
  profile: 4211,
  database: 12,
  created: "2026-11-24 10:15:30",
  modified: "2026-11-24 10:15:30",
  fields: { email: "sanne@example.com", name: "Sanne de Boer", city: "Den Haag", age: "34", birthday: "1992-03-14" },
  interests: { newsletter: true, offers: false },
};

const subprofile = {
  parameters: { source: "import" },
  timestamp: "2026-11-24 10:16:02",
  time: 1795511762,
  profile: 4211,
  subprofile: 90017,
  database: 12,
  collection: 3,
  created: "2026-11-24 10:16:02",
  modified: "2026-11-24 10:16:02",
  fields: { orderId: "2026-00417", amount: "59.95", paid: "1" },
};

const message = {
  timestamp: "2026-11-24 11:02:45",
  time: 1795514565,
  id: "5f0e2a77c1d84b3e",
  recipient: "sanne@example.com",
  tags: ["november", "offers"],
};

const reader = {
  ip: "192.0.2.17",
  useragent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
};

/**
 * A sample of each event: its variables as Copernica sends them, for `TestCopernica.request` and `encodeForm`.
 *
 * @example
 * ```ts
 * import { createTestCopernica, samples } from "copernica-webhooks/testing";
 *
 * const copernica = await createTestCopernica({ account: 1234 });
 * await copernica.request({ ...samples["profile.create"], profile: 7, fields: { email: "jan@example.com" } });
 * ```
 */
export const samples: { readonly [Name in EventName]: EventVariables<Name> } = {
  "profile.create": { type: "create", ...profile, id: 4211 },
  "profile.update": { type: "update", ...profile, modified: "2026-11-24 12:00:00" },
  "profile.delete": { type: "delete", profile: 4211, timestamp: "2026-11-24 13:00:00", database: 12 },
  "subprofile.create": { type: "create", ...subprofile },
  "subprofile.update": { type: "update", ...subprofile, modified: "2026-11-24 12:00:00" },
  "subprofile.delete": {
    type: "delete",
    profile: 4211,
    subprofile: 90017,
    timestamp: "2026-11-24 13:00:00",
    collection: 3,
  },
  click: { type: "click", ...message, ...reader, original: "https://www.example.com/offers?from=mail" },
  open: { type: "open", ...message, ...reader },
  delivery: { type: "delivery", ...message },
  bounce: {
    type: "bounce",
    ...message,
    envelope: "bounce-5f0e2a77c1d84b3e@example.org",
    mime: "Subject: Out of office\r\n\r\nI am away until Monday.\r\n",
  },
  failure: {
    type: "failure",
    ...message,
    action: "failed",
    state: "bounce",
    code: "550",
    extended: "5.1.1",
    description: "User unknown",
  },
  unsubscribe: {
    type: "unsubscribe",
    timestamp: "2026-11-24 11:10:00",
    time: 1795515000,
    id: "5f0e2a77c1d84b3e",
    database: 12,
    profile: 4211,
    mailing: 871,
  },
  abuse: { type: "abuse", ...message },
};

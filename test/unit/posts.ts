import { encodeForm, type Variables } from "../../src/testing.ts";

export const ENDPOINT = "https://receiver.example/webhooks/copernica";

export const FORM = "application/x-www-form-urlencoded";

/** What Copernica's documentation has of a created profile, as a form has it. */
export const profileCreated = {
  type: "create",
  parameters: { source: "form" },
  timestamp: "2026-11-24 10:15:30",
  profile: "4211",
  database: "12",
  created: "2026-11-24 10:15:30",
  modified: "2026-11-24 10:15:31",
  fields: { email: "sanne@example.com", city: "Den Haag" },
  interests: { newsletter: "1", offers: "0" },
  id: "4211",
};

/** What Copernica's documentation has of a created subprofile, as a form has it. */
export const subprofileCreated = {
  type: "create",
  parameters: { source: "import" },
  timestamp: "2026-11-24 10:16:02",
  profile: "4211",
  subprofile: "90017",
  database: "12",
  collection: "3",
  created: "2026-11-24 10:16:02",
  modified: "2026-11-24 10:16:02",
  fields: { orderId: "2026-00417" },
  id: "55",
};

/** A POST as Copernica sends it. */
export function post(body: BodyInit | null, headers: HeadersInit = { "content-type": FORM }, url = ENDPOINT): Request {
  // Node wants to be told that a stream is sent before the answer is read; TypeScript does not know the setting.
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
  return new Request(url, init);
}

/** The POST of an event. */
export function postEvent(variables: Variables = profileCreated, url = ENDPOINT): Request {
  return post(encodeForm(variables), { "content-type": FORM }, url);
}

/** The variables without some of them. */
export function without(variables: Variables, ...names: string[]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !names.includes(name)));
}

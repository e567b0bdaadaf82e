import { createTestCopernica } from "../../dist/testing.js";

export const ACCOUNT = 1234;
export const PATH_CALLED = "/webhooks/copernica";
export const URL_CALLED = `http://127.0.0.1:3000${PATH_CALLED}`;
export const FORM = "application/x-www-form-urlencoded";

/** How many fields the event of each size has. */
export const SIZES = { "1.4 KB": 20, "10 KB": 184, "200 KB": 3_725 };

/** A profile.create event with some number of fields, of the kinds that databases have. */
export function makeEvent(fieldCount) {
  const values = [
    "sanne.de.boer@example.com",
    "Sanne de Boer-van den Berg",
    "Lange Voorhout 12, 2514 EA Den Haag",
    "1992-03-14",
    "34",
    "+31 6 12345678",
    "Café Noir, tafel 7, bij het raam",
    "2026-11-24 10:15:30",
  ];
  const fields = {};
  for (let index = 0; index < fieldCount; index += 1) {
    fields[`Custom_field_${index}`] = values[index % values.length];
  }
  return {
    type: "create",
    parameters: { source: "form", ip: "203.0.113.7", page: "https://www.example.com/aanmelden" },
    timestamp: "2026-11-24 10:15:30",
    time: 1795511730,
    profile: 4211,
    database: 12,
    created: "2026-11-24 10:15:30",
    modified: "2026-11-24 10:15:30",
    fields,
    interests: { newsletter: true, offers: false, events: true },
    id: 4211,
  };
}

/**
 * Signs deliveries of one event, each with its own nonce, for the processes to read: JSON of all that a line needs, so that
 * signing takes none of a measured process's time.
 */
export async function makeDeliveries(fieldCount, count) {
  const copernica = await createTestCopernica({ account: ACCOUNT, url: URL_CALLED });
  const event = makeEvent(fieldCount);
  const deliveries = [];
  let body = "";
  for (let index = 0; index < count; index += 1) {
    const request = await copernica.request(event);
    const headers = Object.fromEntries(request.headers);
    const signature = /signature="([^"]+)"/.exec(headers.signature)[1];
    body = await request.text();
    deliveries.push({ headers, signature, signed: signingString(headers) });
  }
  const { keyId, records } = copernica;
  return { body, json: JSON.stringify(event), sentAt: Date.now(), keyId, records, deliveries };
}

function signingString(headers) {
  const [, covered] = /headers="([^"]+)"/.exec(headers.signature);
  const values = { ...headers, "(request-target)": `post ${PATH_CALLED}` };
  return covered
    .toLowerCase()
    .split(" ")
    .map((name) => `${name}: ${values[name]}`)
    .join("\n");
}

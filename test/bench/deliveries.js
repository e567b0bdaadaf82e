import { createTestCopernica, encodeForm } from "../../dist/testing.js";

export const ACCOUNT = 1234;
export const PATH_CALLED = "/webhooks/copernica";
export const URL_CALLED = `http://127.0.0.1:3000${PATH_CALLED}`;
export const FORM = "application/x-www-form-urlencoded";

/** How many fields the event of each size has. */
export const SIZES = { "1.4 KB": 20, "10 KB": 184, "200 KB": 3_725 };

/** What the fields of databases hold. */
const PLAIN = [
  "sanne.de.boer@example.com",
  "Sanne de Boer-van den Berg",
  "Lange Voorhout 12, 2514 EA Den Haag",
  "1992-03-14",
  "34",
  "+31 6 12345678",
  "Café Noir, tafel 7, bij het raam",
  "2026-11-24 10:15:30",
];

/** The same where everybody is called Zoë, and where texts come from a word processor. */
const ACCENTED = [
  "Zoë van Beëindigd",
  "Curaçaostraat 12, 1012 ÅB België",
  "Ja, één keer",
  "Café Noir, bij het raam",
  "ü",
];
const TYPOGRAPHIC = ["’s-Gravenhage – centrum", "Curaçaostraat 12, € 59,95", "“Ja, één keer…”", "Café ’t Hoekje", "👍"];

/** A profile.create event with some number of fields, of the kinds that databases have. */
export function makeEvent(fieldCount, values = PLAIN) {
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

function accentNames(event) {
  const renamed = Object.entries(event.fields).map(([name, value]) => [name.replace("Custom", "Catégorie"), value]);
  return { ...event, fields: Object.fromEntries(renamed) };
}

/** Bodies that are not like the one above, unsigned: a name → the body. */
export const OTHER_BODIES = {
  "accents in every value": () => encodeForm(makeEvent(20, ACCENTED)),
  "accents, curly quotes and euros in every value": () => encodeForm(makeEvent(20, TYPOGRAPHIC)),
  "accents in every name and value, not percent-encoded": () =>
    encodeForm(accentNames(makeEvent(20, ACCENTED))).replace(/(?:%[89A-F].)+/g, decodeURIComponent),
  "raw brackets": () => encodeForm(makeEvent(20)).replaceAll("%5B", "[").replaceAll("%5D", "]"),
  "interests as a list": () => {
    const body = encodeForm({
      ...makeEvent(20),
      interests: Array.from({ length: 20 }, (_, index) => `Interest ${index}`),
    });
    return body.replaceAll(/interests%5B\d+%5D/g, "interests%5B%5D");
  },
  "200 short fields": () => encodeForm(makeEvent(200, ["1", "", "yes", "1012 AB", "0"])),
  "one long value": () => encodeForm(makeEvent(1, ["Beste Sanne, dank je wel voor je bestelling! ".repeat(250)])),
  "one long value, with accents": () => encodeForm(makeEvent(1, ["Beste Zoë, één café is géén café. ".repeat(300)])),
};

/** A delivery of a body that nobody signed, for the processes to read. */
export function makeUnsignedDelivery(body) {
  return {
    body,
    deliveries: [{ headers: { "content-type": FORM, "content-length": String(Buffer.byteLength(body)) } }],
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

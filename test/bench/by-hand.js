import qs from "qs";
import * as s from "superstruct";
import { z } from "zod";
import { ACCOUNT } from "./deliveries.js";

const decoder = new TextDecoder();

export let seen = 0;
function onProfileCreate(event) {
  seen += event.profile;
}

const zodSchema = z.object({
  type: z.literal("create"),
  parameters: z.record(z.string(), z.string()).default({}),
  timestamp: z.string(),
  time: z.coerce.number().int(),
  profile: z.coerce.number().int().positive(),
  database: z.coerce.number().int().positive(),
  created: z.string(),
  modified: z.string(),
  fields: z.record(z.string(), z.string()).default({}),
  interests: z.record(z.string(), z.stringbool()).default({}),
});

const integer = s.coerce(s.integer(), s.string(), Number);
const flag = s.coerce(s.boolean(), s.string(), (text) => text === "1");
const struct = s.type({
  type: s.literal("create"),
  parameters: s.defaulted(s.record(s.string(), s.string()), {}),
  timestamp: s.string(),
  time: integer,
  profile: integer,
  database: integer,
  created: s.string(),
  modified: s.string(),
  fields: s.defaulted(s.record(s.string(), s.string()), {}),
  interests: s.defaulted(s.record(s.string(), flag), {}),
});

const parsers = {
  zod: (variables) => zodSchema.parse(variables),
  superstruct: (variables) => s.create(variables, struct),
};

/** What one would write with qs and a schema. */
export function byHand(schema) {
  const parse = parsers[schema];
  return () => ({
    async handle(request) {
      onProfileCreate(parse(qs.parse(await request.text(), { parameterLimit: 10_000 })));
      return new Response(null, { status: 200 });
    },
  });
}

/** The same, the signature verified with WebCrypto. */
export function byHandSigned(schema) {
  const parse = parsers[schema];
  return async ({ keyId, records, sentAt }) => {
    const spki = bytesOf(/p=(.*)/.exec(records[0].join(""))[1]);
    const key = await crypto.subtle.importKey("spki", spki, RSA, false, ["verify"]);
    return {
      async handle(request) {
        const body = await request.arrayBuffer();
        if (!(await isGenuine(request, body, keyId, key, sentAt))) return new Response(null, { status: 401 });
        onProfileCreate(parse(qs.parse(decoder.decode(body), { parameterLimit: 10_000 })));
        return new Response(null, { status: 200 });
      },
    };
  };
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

async function isGenuine(request, body, keyId, key, now) {
  const { headers } = request;
  const header = headers.get("signature") ?? "";
  const parameters = Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const names = parameters.headers.toLowerCase().split(" ");
  if (parameters.keyId !== keyId || parameters.algorithm !== "rsa-sha256") return false;
  if (!["(request-target)", "host", "date", "digest", "x-copernica-id"].every((name) => names.includes(name)))
    return false;
  if (headers.get("x-copernica-id") !== `account_${ACCOUNT}`) return false;
  if (Math.abs(now - Date.parse(headers.get("date"))) > 300_000) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  if (headers.get("digest") !== `SHA-256=${btoa(String.fromCharCode(...digest))}`) return false;
  const { pathname, search } = new URL(request.url);
  const lines = names.map((name) => {
    return `${name}: ${name === "(request-target)" ? `post ${pathname}${search}` : headers.get(name)}`;
  });
  const signed = new TextEncoder().encode(lines.join("\n"));
  return await crypto.subtle.verify(RSA, key, bytesOf(parameters.signature), signed);
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

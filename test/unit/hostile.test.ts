import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWebhookHandler, type WebhookHandler, type WebhookOptions } from "../../src/index.ts";
import { KEY_RECORDS, signedHeaders, tickingClock } from "../fixtures/signing.ts";
import { ENDPOINT, FORM } from "./posts.ts";

/** What a stranger can make a handler answer: never a 5xx, which is for faults of the receiver's own. */
const STATUSES = [200, 400, 401, 404, 405, 413, 415, 422];

const MAX_BODY_BYTES = 1_000;

const NOW = new Date(Date.UTC(2026, 10, 24, 10));

const VERIFIED: WebhookOptions = {
  account: 1234,
  verify: { resolveTxt: async () => KEY_RECORDS, clock: tickingClock(NOW.getTime()) },
};

interface Receiver {
  readonly handler: WebhookHandler;
  /** How many events its callback got. */
  readonly taken: () => number;
}

function receive(options: WebhookOptions = {}): Receiver {
  let events = 0;
  const handler = createWebhookHandler({
    onError() {},
    onWarning() {},
    onEvent() {
      events += 1;
    },
    ...options,
  });
  return { handler, taken: () => events };
}

/** Text of which each character is a byte. */
function bytesText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/);

const method = fc.oneof({ weight: 4, arbitrary: fc.constant("POST") }, { weight: 1, arbitrary: token });

const url = fc.oneof(
  fc.constant(ENDPOINT),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => `http://receiver.example/${text}`),
);

const formSyntax = fc.string({
  unit: fc.constantFrom(
    "&",
    "=",
    "[",
    "]",
    "[]",
    "%",
    "%5B",
    "%00",
    "%ff",
    "+",
    "a",
    "0",
    "type=create",
    "__proto__",
    "fields",
  ),
  maxLength: 120,
});

const jsonSyntax = fc.string({
  unit: fc.constantFrom(
    '"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"type":"create"',
    "null",
    "1e999",
    "\\ud800",
    '"__proto__":',
  ),
  maxLength: 60,
});

const body = fc.oneof(
  fc.uint8Array({ maxLength: 1_200 }),
  fc.oneof(formSyntax, jsonSyntax, fc.json()).map((text) => new TextEncoder().encode(text)),
);

const contentType = fc.constantFrom(
  FORM,
  "application/json",
  `${FORM}; charset=x`,
  `${FORM}; charset=iso-8859-1`,
  "text/plain",
);

const headerName = fc.oneof(
  fc.constantFrom("signature", "digest", "date", "host", "x-copernica-id", "x-nonce", "content-type", "content-length"),
  token,
);

const headerValue = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map(bytesText),
  fc.string({
    unit: fc.constantFrom('"', ",", "=", " ", "keyId=", 'signature="AA=="', "headers=", "(request-target)", "a"),
  }),
  fc.constantFrom("SHA-256=AAAA", "account_1234", NOW.toUTCString(), 'keyId="a.copernica.com",signature="AA=="'),
);

const headers = fc.array(fc.tuple(headerName, headerValue), { maxLength: 8 });

/** Makes a request, or passes over what no runtime would make one of. */
function requestOf(target: string, init: RequestInit & { readonly duplex?: "half" }): Request {
  try {
    return new Request(target, init);
  } catch {
    fc.pre(false);
    throw new Error("Not reached: fc.pre throws.");
  }
}

/** Checks what holds of every answer to a stranger. */
async function check(response: Response): Promise<void> {
  expect(STATUSES).toContain(response.status);
  const answer = await response.text();
  if (response.status === 200) {
    expect(answer).toBe("");
    return;
  }
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(JSON.parse(answer)).toMatchObject({ status: response.status, code: expect.stringMatching(/^[a-z_]+$/) });
  expect(answer.length).toBeLessThan(20 * MAX_BODY_BYTES);
}

describe.each<[string, WebhookOptions]>([
  ["without verification", {}],
  ["with verification", VERIFIED],
])("a handler %s answers, with a status that blames the sender,", (_, options) => {
  test("any method, URL, headers and body", async () => {
    const { handler, taken } = receive({ ...options, maxBodyBytes: MAX_BODY_BYTES });
    await fc.assert(
      fc.asyncProperty(method, url, contentType, headers, body, async (verb, target, type, more, bytes) => {
        const list = new Headers({ "content-type": type });
        try {
          for (const [name, value] of more) list.append(name, value);
        } catch {
          fc.pre(false);
        }
        const sent = ["GET", "HEAD"].includes(verb.toUpperCase()) ? {} : { body: bytes };
        await check(await handler(requestOf(target, { method: verb, headers: list, ...sent })));
      }),
      { numRuns: 500 },
    );
    if (options.account !== undefined) expect(taken()).toBe(0);
    expect(Object.keys({}).concat(Object.keys([]))).toEqual([]);
    expect({}).not.toHaveProperty("polluted");
  });

  test("a body in any parts, which ends or breaks off", async () => {
    const { handler } = receive({ ...options, maxBodyBytes: MAX_BODY_BYTES });
    const parts = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(parts, fc.boolean(), async (chunks, breaks) => {
        const stream = new ReadableStream<Uint8Array>({
          async start(controller) {
            for (const chunk of chunks) controller.enqueue(chunk);
            await Promise.resolve();
            if (breaks) controller.error(new Error("The connection broke."));
            else controller.close();
          },
        });
        const init = { method: "POST", body: stream, duplex: "half", headers: { "content-type": FORM } } as const;
        const response = await handler(requestOf(ENDPOINT, init));
        const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (options.account !== undefined)
          expect(response.status).toBe(401); // nobody reads the body of who is not verified
        else if (breaks) expect([400, 413]).toContain(response.status);
        else if (bytes > MAX_BODY_BYTES) expect(response.status).toBe(413);
        else expect(response.status).not.toBe(413);
        await check(response);
      }),
    );
  });

  test("a body without an end, of which it reads no more than it accepts", async () => {
    const { handler } = receive({ ...options, maxBodyBytes: MAX_BODY_BYTES });
    const part = 64;
    let sent = 0;
    let canceled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += part;
        controller.enqueue(new Uint8Array(part));
      },
      cancel() {
        canceled = true;
      },
    });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body: stream, duplex: "half" };
    const response = await handler(new Request(ENDPOINT, init));
    const isVerified = options.account !== undefined;
    expect([response.status, canceled]).toEqual(isVerified ? [401, false] : [413, true]);
    expect(sent).toBeLessThan(MAX_BODY_BYTES + 10 * part);
  });

  test("a body that somebody else has read, or is reading", async () => {
    const { handler } = receive(options);
    const read = new Request(ENDPOINT, { method: "POST", body: "a=b" });
    await read.text();
    const refused = options.account === undefined ? 400 : 401;
    expect((await handler(read)).status).toBe(refused);
    const locked = new Request(ENDPOINT, { method: "POST", body: "a=b" });
    locked.body?.getReader();
    expect((await handler(locked)).status).toBe(refused);
  });
});

describe("what is signed", () => {
  test("is verified whatever its bytes, and then answered for what it is", async () => {
    const { handler } = receive(VERIFIED);
    let nonces = 0;
    await fc.assert(
      fc.asyncProperty(body, contentType, async (bytes, type) => {
        nonces += 1;
        const signed = {
          url: ENDPOINT,
          body: bytes,
          contentType: type,
          date: NOW.toUTCString(),
          nonce: String(nonces),
        };
        const list = await signedHeaders(signed);
        const response = await handler(new Request(ENDPOINT, { method: "POST", headers: list, body: bytes }));
        expect([200, 400, 415, 422]).toContain(response.status);
        await check(response);
      }),
    );
  });

  test("is refused with any bit of its body or its headers changed, and never taken", async () => {
    const { handler, taken } = receive(VERIFIED);
    const bytes = new TextEncoder().encode("type=abuse&id=1&recipient=é");
    const signed = { url: ENDPOINT, body: bytes, contentType: FORM, date: NOW.toUTCString(), nonce: "one" };
    const list = await signedHeaders(signed);
    const covered = list.filter(([name]) => name !== "signature");
    const places = [
      ...covered.map(([name, value]) => ({ name, length: value.length })),
      { name: "", length: bytes.length },
    ];
    for (const { name, length } of places) {
      for (let bit = 0; bit < 8 * length; bit += 1) {
        const changed = flipBit(name === "" ? bytes : latin1(new Map(list).get(name) ?? ""), bit);
        const changedHeaders = list.map(([own, value]) => [own, own === name ? bytesText(changed) : value] as const);
        const response = await postAnyway(handler, changedHeaders, name === "" ? changed : bytes);
        const refused = name === "host" ? [400, 401] : [401]; // what is no host can't even be one that was not signed
        if (response !== undefined) expect(refused, `bit ${bit} of ${name}`).toContain(response.status);
      }
    }
    expect(taken()).toBe(0);
    expect((await postAnyway(handler, list, bytes))?.status).toBe(200);
    expect(taken()).toBe(1);
  });
});

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)) as Uint8Array<ArrayBuffer>;
}

/** Posts it, unless it has a header that no request can have. */
async function postAnyway(
  handler: WebhookHandler,
  list: readonly (readonly [string, string])[],
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Response | undefined> {
  let request: Request;
  try {
    request = new Request(ENDPOINT, {
      method: "POST",
      headers: list.map(([name, value]): [string, string] => [name, value]),
      body: bytes,
    });
  } catch {
    return undefined;
  }
  // Headers drops the spaces around a value, so what has some there may be what was signed.
  return await handler(request);
}

describe("an answer is small, however much is wrong with an event", () => {
  const sample = "type=delete&profile=1&database=2&timestamp=2026-11-24+10:00:00";

  test.each([
    ["as many faults as there can be", (index: number) => `fields[f${index}][a]=x`, 900],
    ["names as long as they can be", (index: number) => `fields[f${index}${"x".repeat(4_000)}][a]=x`, 250],
    ["names that JSON has to escape", (index: number) => `fields[f${index}${"\x01".repeat(4_000)}][a]=x`, 250],
  ])("%s", async (_, pair, count) => {
    const faultCounts: number[] = [];
    const { handler } = receive({
      onError(error) {
        if (error.code === "invalid_event") faultCounts.push(error.faults.length);
        expect(error.message.length).toBeLessThan(5_000);
      },
    });
    const form = [sample, ...Array.from({ length: count }, (_, index) => pair(index))].join("&");
    const response = await handler(
      new Request(ENDPOINT, { method: "POST", headers: { "content-type": FORM }, body: form }),
    );
    expect(response.status).toBe(422);
    const answer = await response.text();
    expect(answer.length).toBeLessThan(256 * 1_024);
    expect(JSON.parse(answer).faults[0]).toMatchObject({
      variable: expect.stringMatching(/^fields\.f0/),
      received: "a map",
    });
    expect(faultCounts).toEqual([count]);
  });
});

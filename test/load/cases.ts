import { decodeForm } from "../../src/form/decode.ts";
import type { FormTree } from "../../src/form/tree.ts";
import { encodeForm, samples } from "../../src/testing.ts";
import corpus from "../corpus/corpus.json" with { type: "json" };
import { COVERED, signedHeaders } from "../fixtures/signing.ts";
import { amplifyForm, amplifyHeader, amplifyJson, flipBit, mutateForm, mutateHeader, mutateJson } from "./mutations.ts";
import type { Random } from "./random.ts";

/** The handlers that are called: without verification, with routes of typed fields, with verification. */
export type Target = "open" | "routed" | "signed";

/** A call, before and after what was done to it. */
export interface Case {
  /** The handler that it is for. */
  readonly target: Target;
  /** The HTTP method. */
  readonly method: string;
  /** The URL called. */
  readonly url: string;
  /** The headers, in order; a name may come twice. */
  readonly headers: readonly (readonly [string, string])[];
  /** The bytes of the body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** How the body arrives: at once, in parts, or in parts until it breaks off. */
  readonly arrival: "whole" | "parts" | "broken";
  /** The call as it was signed, where it was; what was not signed must be refused. */
  readonly signed: SignedView | undefined;
  /** Whether it is a sample of an event that nothing was done to. */
  readonly untouched: boolean;
}

/** What a signature is about, beside the body, and the Signature header itself. */
export interface SignedView {
  readonly covered: string;
  readonly body: Uint8Array;
  readonly signatureHeader: string | null;
}

/** When the calls of a run are sent, and received. */
export const NOW = "Tue, 24 Nov 2026 10:00:00 GMT";

const URL_CALLED = "https://example.com/webhooks/copernica";
const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

type Bodies = readonly [string, ...string[]];

const sampleForms = Object.values(samples).map(encodeForm) as unknown as Bodies; // there is a sample of each event
const sampleJson = Object.values(samples).map((sample) => JSON.stringify(sample)) as unknown as Bodies; // as above
const forms: Bodies = [...sampleForms, ...corpus.map(({ body }) => atob(body))];

const METHODS: Bodies = ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "post", "QUERY"];

const URLS: Bodies = [
  "https://example.com/",
  "https://example.com/webhooks/copernica/",
  "https://example.com/webhooks/copernica?",
  "https://example.com/webhooks/copernica?a=1&a=2",
  "https://example.com/webhooks//copernica",
  "https://example.com/webhooks/copernica%2f..%00",
  "https://example.com/webhooks/../webhooks/copernica#fragment",
  "http://user:password@example.com:8080/webhooks/copernica",
  "http://[::1]:80/webhooks/copernica",
  `https://example.com/${"/".repeat(5_000)}x`,
  `https://example.com/webhooks/copernica?${"a=1&".repeat(5_000)}`,
];

const CONTENT_TYPES: Bodies = [
  "Application/X-WWW-Form-URLEncoded",
  `${FORM}; charset=utf-8`,
  `${FORM};charset="iso-8859-1";;`,
  " application/json ; charset=utf-16",
  "application/problem+json",
  "text/plain",
  "multipart/form-data; boundary=x",
  ";",
];

/** Makes the case of this number. */
export async function makeCase(random: Random): Promise<Case> {
  const target = random.pick(["open", "routed", "signed"] as const);
  const encoding = random.oneIn(4) ? "json" : "form";
  const { text, touched } = makeBody(encoding, random);
  const body = bytesOf(text);
  const contentType = random.oneIn(15) ? random.pick(CONTENT_TYPES) : encoding === "json" ? JSON_TYPE : FORM;
  const plain = {
    target,
    method: "POST",
    url: URL_CALLED,
    headers: [["content-type", contentType]] as [string, string][],
    body,
    arrival: random.pick(["whole", "whole", "whole", "parts"] as const),
    signed: undefined,
    untouched: !touched && (contentType === FORM || contentType === JSON_TYPE),
  };
  if (target !== "signed") return random.oneIn(4) ? disturb(plain, random) : plain;
  if (random.oneIn(20)) return disturb(plain, random);
  const nonce = String(random.below(1_000_000_000));
  const headers = await signedHeaders({ url: URL_CALLED, body, contentType: contentType.trim(), date: NOW, nonce });
  const genuine = { ...plain, headers, signed: viewOf({ ...plain, headers }) };
  return random.oneIn(4) ? genuine : disturb(genuine, random);
}

function makeBody(encoding: "form" | "json", random: Random): { readonly text: string; readonly touched: boolean } {
  if (random.oneIn(40)) {
    const length = Math.floor(2 ** (11 + random.below(10)) * (1 + random.below(100) / 100));
    return {
      text: encoding === "json" ? amplifyJson(length, random) : amplifyForm(length, sampleForms, random),
      touched: true,
    };
  }
  if (encoding === "json") {
    const text = random.oneIn(2) ? random.pick(sampleJson) : jsonOf(decodeForm(bytesOf(random.pick(forms))));
    return random.oneIn(6)
      ? { text: random.pick(sampleJson), touched: false }
      : { text: mutateJson(text, sampleJson, random), touched: true };
  }
  const sample = random.pick(sampleForms);
  if (random.oneIn(6)) return { text: sample, touched: false };
  return { text: mutateForm(random.oneIn(2) ? sample : random.pick(forms), forms, random), touched: true };
}

/** The JSON of a tree as bytes, its keys in order of their own. */
function jsonOf(tree: FormTree): string {
  return String.fromCharCode(...new TextEncoder().encode(JSON.stringify(tree)));
}

/** Changes something about a call other than how its body was made: headers, URL, method, body after signing, arrival. */
function disturb(call: Case, random: Random): Case {
  const disturbed = { ...call, headers: [...call.headers], untouched: false };
  for (let left = 1 + random.below(2); left > 0; left -= 1) {
    const what = random.below(10);
    if (what < 6) disturbHeader(disturbed.headers, random);
    else if (what === 6) disturbed.method = random.pick(METHODS);
    else if (what === 7) disturbed.url = random.pick(URLS);
    else if (what === 8) disturbed.body = withFlippedBit(call.body, random);
    else disturbed.arrival = "broken";
  }
  return disturbed;
}

function withFlippedBit(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const flipped = Uint8Array.from(bytes);
  const position = random.below(flipped.length);
  flipped[position] = (flipped[position] ?? 0) ^ (1 << random.below(8));
  return flipped;
}

const HEADER_NAMES: Bodies = [
  ...COVERED.slice(1),
  "signature",
  "transfer-encoding",
  "x-forwarded-host",
  "__proto__",
] as unknown as Bodies; // slicing loses that there is a first

function disturbHeader(headers: (readonly [string, string])[], random: Random): void {
  const index = random.oneIn(2) ? headers.findIndex(([name]) => name === "signature") : random.below(headers.length);
  const [name, value] = headers[index] ?? [random.pick(HEADER_NAMES), ""];
  const values: Bodies = ["", ...headers.map((header) => header[1])];
  const what = random.below(8);
  if (what === 0) headers.splice(index, 1);
  else if (what === 1) headers.push([name, random.pick(values)]);
  else if (what === 2) headers.push([random.pick(HEADER_NAMES), mutateHeader(value, values, random)]);
  else if (what === 3) headers.splice(index, 1, [name, amplifyHeader(2 ** (6 + random.below(10)), random)]);
  else if (what === 4) headers.splice(index, 1, [name, random.pick(values)]);
  else if (what === 5) headers.splice(index, 1, [name, flipBit(value, random).replace(/[\0\r\n]/g, "")]);
  else headers.splice(index, 1, [name, mutateHeader(value, values, random)]);
}

const PART_BYTES = 700;

/** The request of a case; undefined where `Request` itself refuses it, so that no handler can get it. */
export function requestOf({ method, url, headers, body, arrival }: Omit<Case, "signed">): Request | undefined {
  const sent = arrival === "whole" ? body : streamOf(body, arrival === "broken");
  try {
    const list = new Headers();
    for (const [name, value] of headers) list.append(name, value);
    const hasBody = method !== "GET" && method !== "HEAD";
    // `duplex`, which streams need, is missing in TypeScript's own types.
    const init: RequestInit & { duplex: "half" } = { method, headers: list, duplex: "half" };
    return new Request(url, hasBody ? { ...init, body: sent } : init);
  } catch {
    return undefined;
  }
}

function streamOf(body: Uint8Array<ArrayBuffer>, breaks: boolean): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = 0;
  const partBytes = Math.max(PART_BYTES, Math.ceil(body.length / 50));
  return new ReadableStream({
    pull(controller) {
      if (position >= body.length) {
        if (breaks) controller.error(new Error("The connection broke."));
        else controller.close();
        return;
      }
      controller.enqueue(body.subarray(position, position + partBytes));
      position += partBytes;
    },
  });
}

/** What the signature of a call is about, as HTTP has it. */
export function viewOf(call: Omit<Case, "signed">): SignedView {
  const request = requestOf({ ...call, arrival: "whole" });
  const { pathname, search, host } = new URL(call.url);
  const values: Record<string, string | null | undefined> = {
    "(request-target)": `${request?.method.toLowerCase()} ${pathname}${search}${/\?(?:#|$)/.test(call.url) ? "?" : ""}`,
    host: request?.headers.get("host") ?? host,
    "content-length": request?.headers.get("content-length") ?? String(call.body.length),
  };
  const covered = COVERED.map((name) => (name in values ? values[name] : request?.headers.get(name)));
  return {
    covered: JSON.stringify(covered),
    body: call.body,
    signatureHeader: request?.headers.get("signature") ?? null,
  };
}

/** The bytes of a text whose characters stand for one each. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

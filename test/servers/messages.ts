import type { TestCopernica, Variables } from "copernica-webhooks/testing";
import { encodeForm, samples } from "copernica-webhooks/testing";
import { KEY_ID, KEY_RECORDS, signedHeaders } from "../fixtures/signing.ts";

/** The path that every example answers at. */
export const PATH = "/webhooks/copernica";

export const FORM = "application/x-www-form-urlencoded";

/** The most bytes of a body that the examples accept, as they set no other bound. */
export const BODY_LIMIT = 1_024 * 1_024;

/** A request before it is written to the wire. */
export interface Message {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
}

/** The first bytes of a request: everything before its body. */
export function head({ method = "POST", target = PATH, headers = {} }: Message): string {
  const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** The same message, its body to be sent in chunks. */
export function inChunks({ headers, ...message }: Message): Message {
  const { "content-length": _, ...others } = headers ?? {};
  return { ...message, headers: { ...others, "transfer-encoding": "chunked" } };
}

/** The bytes of a request whose Content-Length is right. */
export function whole(message: Message): Buffer {
  const { body = "", headers } = message;
  return Buffer.concat([
    Buffer.from(head({ ...message, headers: { "content-type": FORM, "content-length": body.length, ...headers } })),
    Buffer.from(body),
  ]);
}

/** A body in chunks of so many bytes. */
export function chunked(body: Uint8Array | string, size: number): Uint8Array[] {
  const bytes = Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += size) chunks.push(chunk(bytes.subarray(start, start + size)));
  return [...chunks, Buffer.from("0\r\n\r\n")];
}

export function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** The variables of a created profile that is like no other, with what the callback is to print of it. */
export interface Creation {
  readonly variables: Variables;
  readonly body: string;
  readonly line: RegExp;
}

let created = 10_000;

export function profileCreation(): Creation {
  created += 1;
  const variables = { ...samples["profile.create"], profile: created };
  return { variables, body: encodeForm(variables), line: new RegExp(`^Profile ${created} created: {"email":"sanne@`) };
}

export function subprofileCreation(fields: Variables = { orderId: "2026-00417" }): Creation {
  created += 1;
  const variables = { ...samples["subprofile.create"], subprofile: created, fields };
  return { variables, body: encodeForm(variables), line: new RegExp(`^Subprofile ${created} created: {"orderId":`) };
}

/** A message that is signed. */
export type SignedMessage = Message & {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
};

/** An event that is signed by a sender of another key. */
export async function signed(copernica: TestCopernica, variables: Variables): Promise<SignedMessage> {
  const request = await copernica.request(variables, { url: `http://127.0.0.1${PATH}` });
  return { headers: Object.fromEntries(request.headers), body: new Uint8Array(await request.arrayBuffer()) };
}

/** The sender whose key signs the messages: a server that is told of it lets them in. */
export const signing = { account: 1234, keyId: KEY_ID, records: KEY_RECORDS };

/** What {@link signBody} signs: what comes of a body, whatever it is, is seen only if its sender is known. */
export interface SignedBody {
  readonly host?: string;
  readonly target?: string;
  readonly body: string;
  readonly contentType?: string;
  readonly date?: Date;
}

let nonces = 0;

/** Signs a body, as Copernica does. */
export async function signBody({
  host = "127.0.0.1",
  target = PATH,
  body,
  contentType = FORM,
  date = new Date(),
}: SignedBody): Promise<SignedMessage> {
  const bytes = new TextEncoder().encode(body);
  nonces += 1;
  const headers = await signedHeaders({
    ...{ url: `http://${host}${target}`, body: bytes, contentType },
    ...{ date: date.toUTCString(), nonce: `${process.pid}-${nonces}` },
  });
  return { target, headers: Object.fromEntries(headers), body: bytes };
}

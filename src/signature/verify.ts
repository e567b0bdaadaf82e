import { type Awaitable, whenKnown } from "../awaitable.ts";
import { isHttpError } from "../errors.ts";
import {
  accountNumber,
  clockFunction,
  httpUrl,
  numberAbove,
  objectWith,
  optional,
  withDefault,
} from "../options/readers.ts";
import { type OptionReader, settleOptions } from "../options/settle.ts";
import { rememberLast } from "../remember-last.ts";
import { toBase64Url } from "./base64.ts";
import { checkDigest, createDigester, readDigest } from "./digest.ts";
import { VerificationError } from "./error.ts";
import { createSignatureReader, decodeSignature } from "./header.ts";
import { createKeyLookup, type KeyLookup } from "./keys.ts";
import { createSigningString, encodeSigningString, readSignedValue, type SignedCall } from "./signing-string.ts";

/** How far the Date of a call may lie from now, in both directions, in seconds. */
export const DEFAULT_MAX_AGE_SECONDS = 300;

/** The longest `maxAgeSeconds`: a day. */
const MAX_MAX_AGE_SECONDS = 86_400;

/** The part of a `Request` that a signature is about. */
export interface SignedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL, as `Request` has it. */
  readonly url: string;
  /** The headers received. */
  readonly headers: Headers;
}

/** What a signature is verified against. */
export interface SignatureOptions {
  /** Your account at Copernica: `1234`, or as Copernica writes it, `"account_1234"`. */
  readonly account: number | string;
  /**
   * The URL that Copernica calls, if a proxy in between changes the host or the path: host, path and, if it has one, query
   * are taken from it. A query that it lacks is taken from the request.
   */
  readonly publicUrl?: string | URL | undefined;
  /**
   * How far the Date of a call may lie from now, in both directions, in seconds; more than 0, at most 86400.
   *
   * @default 300
   */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * The current time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: (() => number) | undefined;
  /**
   * The look-up of keys.
   *
   * @default One for the whole process, made with `createKeyLookup()`.
   */
  readonly keys?: KeyLookup | undefined;
}

/** How each option about signatures is read, here and among the options of the handler. */
export const signatureReaders: {
  readonly publicUrl: OptionReader<URL | undefined>;
  readonly maxAgeSeconds: OptionReader<number>;
  readonly clock: OptionReader<() => number>;
  readonly keys: OptionReader<KeyLookup | undefined>;
} = {
  publicUrl: optional(httpUrl),
  maxAgeSeconds: withDefault(() => DEFAULT_MAX_AGE_SECONDS, numberAbove(0, MAX_MAX_AGE_SECONDS)),
  clock: clockFunction,
  keys: optional(objectWith<KeyLookup>("check", "verify")),
};

/** A call that is verified to come from Copernica, for this account. */
export interface VerifiedDelivery {
  /**
   * What identifies this delivery: the first 192 bits of its signature, in base64url. Each call carries its own nonce, so
   * that two deliveries never share it, even of equal events in one second; a replay of a call has the same.
   */
  readonly deliveryId: string;
  /** The name of the key that signed it. */
  readonly keyId: string;
  /** When Copernica says that it sent the call. */
  readonly date: Date;
}

let processKeys: KeyLookup | undefined;

/** The look-up of this process, so that keys are remembered from one call to the next. */
function sharedKeys(): KeyLookup {
  processKeys ??= createKeyLookup();
  return processKeys;
}

/**
 * Verifies that a call comes from Copernica and is for this account, for a receiver without this package's handler.
 *
 * @param request The request; its body is not looked at.
 * @param body The bytes of the body as they were received, before anything decoded them.
 * @param options The account, and what else differs from the defaults.
 * @returns What is known of the call then.
 * @throws {VerificationError} If the sender is not verified; its `code` says why.
 * @throws {InvalidOptionError} If an option can't be used.
 *
 * @example
 * ```ts
 * import { verifySignature } from "copernica-webhooks";
 *
 * async function receive(request: Request): Promise<string> {
 *   const body = new Uint8Array(await request.arrayBuffer());
 *   const { deliveryId } = await verifySignature(request, body, { account: 1234 });
 *   return deliveryId;
 * }
 * ```
 */
export async function verifySignature(
  request: SignedRequest,
  body: Uint8Array,
  options: SignatureOptions,
): Promise<VerifiedDelivery> {
  const settings = settleOptions("verifySignature", options, { account: accountNumber, ...signatureReaders });
  const verifier = createVerifier({ ...settings, keys: settings.keys ?? sharedKeys() });
  const { method, url, headers } = request;
  const call = { method, url, getHeader: (name: string) => headers.get(name) };
  const sender = await verifier.verifySender(call, async () => body);
  await sender.verifyBody(body);
  return sender.delivery;
}

/** What calls are verified against, every default filled in. */
export interface VerifierSettings {
  /** The number of the account. */
  readonly account: number;
  /** The URL that Copernica calls, if it is not that of the request. */
  readonly publicUrl: URL | undefined;
  /** How far a Date may lie from now, in seconds. */
  readonly maxAgeSeconds: number;
  /** The current time, in milliseconds since 1970. */
  readonly clock: () => number;
  /** The look-up of keys. */
  readonly keys: KeyLookup;
}

/** A call whose signature verifies; its body is still to be compared with the digest that was signed. */
interface VerifiedSender {
  /** What is known of the call. */
  readonly delivery: VerifiedDelivery;
  /** The body, if it had to be read; not verified yet. */
  readonly body: Uint8Array | undefined;
  /** Verifies that the body is the one that was signed. */
  readonly verifyBody: (body: Uint8Array) => Awaitable<void>;
}

/** Verifies calls. */
export interface Verifier {
  /**
   * Verifies by its headers alone who sent a call, so that nobody else's body is ever read. The body is read here only to
   * count it, if the signature covers a Content-Length that a proxy took away.
   *
   * @throws {VerificationError} If it does not come from Copernica, or is for another account, or not recent.
   */
  readonly verifySender: (call: SignedCall, readBody: () => Promise<Uint8Array>) => Awaitable<VerifiedSender>;
  /** Tells whether a call that is refused for another reason is one of Copernica's for this account, and so an event lost. */
  readonly recognize: (call: SignedCall) => Promise<VerifiedDelivery | undefined>;
}

/** Makes what verifies calls: Copernica's checklist for receivers, from top to bottom. */
export function createVerifier({ account, publicUrl, maxAgeSeconds, clock, keys }: VerifierSettings): Verifier {
  const readSignature = createSignatureReader();
  const readTime = rememberLast((header) => readDate(header).getTime());
  const readSignedFor = rememberLast(readAccount);
  const computeDigest = createDigester();

  /** What the headers say, each of them readable; nothing of it is known to be true. */
  function readHeaders(call: SignedCall) {
    const { keyId, covered, signature } = readSignature(call.getHeader("signature"));
    const digest = readDigest(call.getHeader("digest"));
    const sentAt = readTime(call.getHeader("date"));
    const signedFor = readSignedFor(call.getHeader("x-copernica-id"));
    keys.check(keyId);
    return { keyId, covered, signature: decodeSignature(signature), digest, sentAt, signedFor };
  }

  function verifyHeaders(
    call: SignedCall,
    { covered, keyId, signature, signedFor, sentAt, digest }: ReturnType<typeof readHeaders>,
    body?: Uint8Array,
  ): Awaitable<VerifiedSender> {
    const signed = createSigningString(covered, (name) => readSignedValue(name, call, publicUrl, body?.byteLength));
    return whenKnown(keys.verify(keyId, encodeSigningString(signed), signature), (isSigned) => {
      if (!isSigned) {
        const remedy = "if a proxy changes the host or the path, set verify.publicUrl";
        throw new VerificationError("signature_mismatch", `The signature does not verify: ${remedy}.`);
      }
      // Last, so that only who can sign learns for which account this receiver is.
      if (signedFor !== account) {
        throw new VerificationError("account_mismatch", "This receiver is for another account.");
      }
      const delivery = { deliveryId: deliveryIdOf(signature), keyId, date: new Date(sentAt) };
      return { delivery, body, verifyBody: (received) => checkDigest(digest, received, computeDigest) };
    });
  }

  return {
    verifySender(call, readBody) {
      const headers = readHeaders(call);
      // Written so that a clock that gives no number lets nothing in.
      if (!(Math.abs(clock() - headers.sentAt) <= maxAgeSeconds * 1_000)) {
        throw new VerificationError("date_out_of_range", "The Date lies too far from the receiver's clock.");
      }
      const isCounted = headers.covered.includes("content-length") && call.getHeader("content-length") === null;
      return whenKnown(isCounted ? readBody() : undefined, (body) => verifyHeaders(call, headers, body));
    },
    async recognize(call) {
      try {
        return (await verifyHeaders(call, readHeaders(call))).delivery;
      } catch (error) {
        if (isHttpError(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Reads an `X-Copernica-ID` header: the number of the account. */
export function readAccount(header: string | null): number {
  const account = /^account[_-](\d{1,15})$/.exec(header ?? "")?.[1];
  if (account !== undefined) return Number(account);
  throw new VerificationError("invalid_account_header", "The X-Copernica-ID header must be account_<number>.");
}

/** A date as HTTP has it; Date.parse alone would take nearly anything. */
const HTTP_DATE = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

/** Reads a `Date` header. */
export function readDate(header: string | null): Date {
  const date = new Date(header !== null && HTTP_DATE.test(header) ? header : Number.NaN);
  if (!Number.isNaN(date.getTime())) return date;
  const message = "The Date header must be a date: Tue, 24 Nov 2026 10:00:00 GMT.";
  throw new VerificationError("invalid_date_header", message);
}

/** As many bytes of a signature as identify it; they are as good as random. */
const DELIVERY_ID_BYTES = 24;

/** What identifies the delivery that has a signature. */
export function deliveryIdOf(signature: Uint8Array): string {
  return toBase64Url(signature.subarray(0, DELIVERY_ID_BYTES));
}

import { checkDigest, createDigester, readDigest } from "../../signature/digest.ts";
import type { ResolveTxt, TxtRecords } from "../../signature/dns.ts";
import { VerificationError } from "../../signature/error.ts";
import {
  checkAlgorithm,
  checkCoverage,
  decodeSignature,
  parseSignature,
  type SignatureParameters,
} from "../../signature/header.ts";
import type { RsaKey } from "../../signature/rsa.ts";
import { createSigningString, encodeSigningString, readSignedValue } from "../../signature/signing-string.ts";
import { DEFAULT_MAX_AGE_SECONDS, readAccount, readDate } from "../../signature/verify.ts";
import { type Call, headerOf } from "../call/call.ts";
import { type FoundKeys, findKeys } from "./key.ts";

/** One step of verification: passed, failed, or not to be taken since another failed. */
export interface Step {
  /** What is looked at. */
  readonly name: string;
  /** What came of it. */
  readonly outcome: "passed" | "failed" | "skipped";
  /** What was found. */
  readonly detail: string;
}

/** What a call is verified against. */
export interface VerificationSettings {
  /** The account that the receiver is for; any, if undefined. */
  readonly account: number | undefined;
  /** The URL that Copernica calls, if a proxy changes host or path. */
  readonly publicUrl: URL | undefined;
  /** The time of the receiver's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Looks up key records. */
  readonly resolveTxt: ResolveTxt;
}

/** All that is known of a call's signature. */
export interface Verification {
  /** Whether it is Copernica's. */
  readonly verified: boolean;
  /** Every step. */
  readonly steps: readonly Step[];
  /** The Signature header, if it could be read. */
  readonly parameters: SignatureParameters | undefined;
  /** The signing string of the call as it came; undefined if a header is missing that it must have. */
  readonly signingString: string | undefined;
  /** The key records that were found under the keyId. */
  readonly keyRecords: TxtRecords | undefined;
  /** The keys among them. */
  readonly keys: readonly RsaKey[];
}

/** Takes every step of verification that can be taken, also when an earlier one failed. */
export async function verifyAllSteps(call: Call, settings: VerificationSettings): Promise<Verification> {
  const steps: Step[] = [];
  async function take<Result>(
    name: string,
    act: () => Taken<Result> | Promise<Taken<Result>>,
  ): Promise<Result | undefined> {
    try {
      const { detail, result } = await act();
      steps.push({ name, outcome: "passed", detail });
      return result;
    } catch (error) {
      if (error instanceof Skipped) steps.push({ name, outcome: "skipped", detail: error.message });
      else if (error instanceof VerificationError) steps.push({ name, outcome: "failed", detail: error.message });
      else throw error;
      return undefined;
    }
  }

  await take("method", () => checkMethod(call));
  const parameters = await take("signature header", () => readSignature(call));
  await take("coverage", () => checkCovered(parameters));
  await take("algorithm", () => checkNamedAlgorithm(parameters));
  await take("account", () => checkAccount(call, settings.account));
  await take("date", () => checkRecent(call, settings.now));
  await take("digest", () => checkBody(call));
  const found = await take("key", () => lookUpKeys(parameters, settings.resolveTxt));
  const signed = await take("signing string", () => makeSigningString(parameters, call, settings.publicUrl));
  await take("signature", () => checkSignature(parameters, found, signed));

  const verified = steps.every(({ outcome }) => outcome === "passed");
  const { keys = [], records: keyRecords } = found ?? {};
  return { verified, steps, parameters, signingString: signed, keyRecords, keys };
}

interface Taken<Result> {
  readonly detail: string;
  readonly result?: Result;
}

/** Thrown by a step that needs what an earlier one could not give. */
class Skipped extends Error {}

function needed<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw new Skipped(`needs ${what}`);
}

function checkMethod({ method }: Call): Taken<void> {
  if (method === "POST") return { detail: "POST" };
  throw new VerificationError("signature_mismatch", `Copernica calls with POST; this is ${method}.`);
}

function readSignature(call: Call): Taken<SignatureParameters> {
  const result = parseSignature(getHeader(call, "signature"));
  return { detail: `of the key ${result.keyId}`, result };
}

function checkCovered(parameters: SignatureParameters | undefined): Taken<void> {
  const { covered } = needed(parameters, "the signature header");
  checkCoverage(covered);
  return { detail: covered.join(" ") };
}

function checkNamedAlgorithm(parameters: SignatureParameters | undefined): Taken<void> {
  const { algorithm } = needed(parameters, "the signature header");
  checkAlgorithm(algorithm);
  return { detail: algorithm ?? "" };
}

function checkAccount(call: Call, account: number | undefined): Taken<void> {
  const sent = readAccount(getHeader(call, "x-copernica-id"));
  if (account === undefined) return { detail: `${sent}; not compared, since no --account was given` };
  if (sent === account) return { detail: String(sent) };
  throw new VerificationError("account_mismatch", `The call is for account ${sent}, the receiver for ${account}.`);
}

function checkRecent(call: Call, now: number): Taken<void> {
  const date = readDate(getHeader(call, "date"));
  const seconds = Math.round((now - date.getTime()) / 1_000);
  const distance = seconds < 0 ? `${-seconds} s after` : `${seconds} s before`;
  const detail = `${date.toUTCString()}, ${distance} the receiver's clock`;
  if (Math.abs(seconds) <= DEFAULT_MAX_AGE_SECONDS) return { detail };
  throw new VerificationError("date_out_of_range", `${detail}; at most ${DEFAULT_MAX_AGE_SECONDS} s are accepted.`);
}

async function checkBody(call: Call): Promise<Taken<void>> {
  const digest = readDigest(getHeader(call, "digest"));
  await checkDigest(digest, call.body, createDigester());
  return { detail: `${digest.hash} of ${call.body.byteLength} bytes` };
}

async function lookUpKeys(
  parameters: SignatureParameters | undefined,
  resolveTxt: ResolveTxt,
): Promise<Taken<FoundKeys>> {
  const { keyId } = needed(parameters, "the signature header");
  const result = await findKeys(keyId, resolveTxt);
  return { detail: `${keyId}, RSA of ${result.keys.map(({ bits }) => bits).join(" and ")} bits`, result };
}

function makeSigningString(
  parameters: SignatureParameters | undefined,
  call: Call,
  publicUrl: URL | undefined,
): Taken<string> {
  const { covered } = needed(parameters, "the signature header");
  return { detail: `${covered.length} lines`, result: signingStringOf(covered, call, publicUrl) };
}

/**
 * The signing string of a call.
 *
 * @throws {VerificationError} If the signature covers what did not come.
 */
export function signingStringOf(covered: readonly string[], call: Call, publicUrl: URL | undefined): string {
  const { method, target } = call;
  const isAbsolute = /^https?:\/\//i.test(target);
  const url = isAbsolute ? target : `http://${headerOf(call, "host") ?? "localhost"}${target}`;
  const signed = { method, url, getHeader: (name: string) => getHeader(call, name) };
  return createSigningString(covered, (name) => readSignedValue(name, signed, publicUrl, call.body.byteLength));
}

async function checkSignature(
  parameters: SignatureParameters | undefined,
  found: FoundKeys | undefined,
  signed: string | undefined,
): Promise<Taken<void>> {
  const { signature } = needed(parameters, "the signature header");
  const { keys } = needed(found, "the key");
  const text = needed(signed, "the signing string");
  if (await isSignedBy(keys, text, decodeSignature(signature)))
    return { detail: "made by the key, over the signing string" };
  throw new VerificationError("signature_mismatch", "It is not that of the signing string as it came.");
}

/** Whether one of the keys made a signature over a signing string. */
export async function isSignedBy(keys: readonly RsaKey[], signed: string, signature: Uint8Array): Promise<boolean> {
  const bytes = encodeSigningString(signed);
  for (const key of keys) if (await key.verify(bytes, signature)) return true;
  return false;
}

function getHeader(call: Call, name: string): string | null {
  return headerOf(call, name) ?? null;
}

import { fromBase64 } from "../../signature/base64.ts";
import type { RsaKey } from "../../signature/cryptography.ts";
import { cryptography, type HashName } from "../../signature/cryptography.ts";
import type { ResolveTxt, TxtRecords } from "../../signature/dns.ts";
import { VerificationError } from "../../signature/error.ts";
import { checkCoverage, parseSignature, type SignatureParameters, signingString } from "../../signature/header.ts";
import { createKeyLookup } from "../../signature/keys.ts";
import { DEFAULT_MAX_AGE_SECONDS } from "../../signature/verify.ts";
import { type Call, headerOf } from "../call/call.ts";

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
  await take("algorithm", () => checkAlgorithm(parameters));
  await take("account", () => checkAccount(call, settings.account));
  await take("date", () => checkDate(call, settings.now));
  await take("digest", () => checkDigest(call));
  const found = await take("key", () => findKeys(parameters, settings.resolveTxt));
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
  const result = parseSignature(headerOf(call, "signature") ?? null);
  return { detail: `key ${result.keyId}, ${result.algorithm ?? "no algorithm"}`, result };
}

function checkCovered(parameters: SignatureParameters | undefined): Taken<void> {
  const { headers } = needed(parameters, "the signature header");
  checkCoverage(headers);
  return { detail: headers.join(" ") };
}

function checkAlgorithm(parameters: SignatureParameters | undefined): Taken<void> {
  const { algorithm } = needed(parameters, "the signature header");
  if (algorithm === "rsa-sha256" || algorithm === "hs2019") return { detail: algorithm };
  throw new VerificationError("algorithm_refused", `It must be rsa-sha256; it is ${algorithm ?? "not given"}.`);
}

function checkAccount(call: Call, account: number | undefined): Taken<void> {
  const header = headerOf(call, "x-copernica-id");
  const sent = /^account[_-](\d{1,15})$/.exec(header ?? "")?.[1];
  if (sent === undefined) {
    throw new VerificationError(
      "invalid_account_header",
      `X-Copernica-ID must be account_1234; it is ${header ?? "missing"}.`,
    );
  }
  if (account === undefined) return { detail: `${sent}; not compared, since no --account was given` };
  if (Number(sent) === account) return { detail: sent };
  throw new VerificationError("account_mismatch", `The call is for account ${sent}, the receiver for ${account}.`);
}

const HTTP_DATE = /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

function checkDate(call: Call, now: number): Taken<void> {
  const header = headerOf(call, "date") ?? "";
  const moment = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new VerificationError(
      "invalid_date_header",
      `Date must be a date as HTTP has it; it is ${header || "missing"}.`,
    );
  }
  const seconds = Math.round((now - moment) / 1_000);
  const distance = seconds < 0 ? `${-seconds} s after` : `${seconds} s before`;
  const detail = `${header}, ${distance} the receiver's clock`;
  if (Math.abs(seconds) <= DEFAULT_MAX_AGE_SECONDS) return { detail };
  throw new VerificationError("date_out_of_range", `${detail}; at most ${DEFAULT_MAX_AGE_SECONDS} s are accepted.`);
}

const HASHES: Readonly<Record<string, HashName>> = { "sha-256": "SHA-256", "sha-512": "SHA-512" };

async function checkDigest(call: Call): Promise<Taken<void>> {
  const header = headerOf(call, "digest");
  const [, name = "", expected] = /^([^=]+)=(.+)$/.exec(header ?? "") ?? [];
  const hash = HASHES[name.toLowerCase()];
  if (hash === undefined) {
    throw new VerificationError(
      "invalid_digest_header",
      `Digest must be SHA-256=<base64>; it is ${header ?? "missing"}.`,
    );
  }
  const actual = await cryptography().digest(hash, call.body);
  if (actual === expected) return { detail: `${hash} of ${call.body.byteLength} bytes` };
  throw new VerificationError(
    "digest_mismatch",
    `Digest says ${expected}; that of the ${call.body.byteLength} bytes received is ${actual}.`,
  );
}

interface FoundKeys {
  readonly keys: readonly RsaKey[];
  readonly records: TxtRecords;
}

async function findKeys(
  parameters: SignatureParameters | undefined,
  resolveTxt: ResolveTxt,
): Promise<Taken<FoundKeys>> {
  const { keyId } = needed(parameters, "the signature header");
  let records: TxtRecords = [];
  const { keys } = await createKeyLookup({
    async resolveTxt(name) {
      const answer = await resolveTxt(name);
      records = "records" in answer ? answer.records : answer;
      return records;
    },
  }).find(keyId);
  return { detail: `${keyId}, RSA of ${keys.map(({ bits }) => bits).join(" and ")} bits`, result: { keys, records } };
}

function makeSigningString(
  parameters: SignatureParameters | undefined,
  call: Call,
  publicUrl: URL | undefined,
): Taken<string> {
  const { headers } = needed(parameters, "the signature header");
  const result = signingString(headers, (name) => signedValue(name, call, publicUrl) ?? null);
  return { detail: `${headers.length} lines`, result };
}

/** What stands for a name in the signing string; undefined if it did not come. */
export function signedValue(name: string, call: Call, publicUrl: URL | undefined): string | undefined {
  if (name === "(request-target)") return `${call.method.toLowerCase()} ${targetOf(call, publicUrl)}`;
  if (name === "host" && publicUrl !== undefined) return publicUrl.host;
  if (name === "content-length") return headerOf(call, name) ?? String(call.body.byteLength);
  return headerOf(call, name);
}

function targetOf({ target }: Call, publicUrl: URL | undefined): string {
  if (publicUrl === undefined) return target;
  const query = target.indexOf("?");
  return publicUrl.pathname + (publicUrl.search || (query === -1 ? "" : target.slice(query)));
}

async function checkSignature(
  parameters: SignatureParameters | undefined,
  found: FoundKeys | undefined,
  signed: string | undefined,
): Promise<Taken<void>> {
  const { signature } = needed(parameters, "the signature header");
  const { keys } = needed(found, "the key");
  const text = needed(signed, "the signing string");
  if (await isSignedBy(keys, text, signature)) return { detail: "made by the key, over the signing string" };
  throw new VerificationError("signature_mismatch", "It is not that of the signing string as it came.");
}

/** Whether one of the keys made a signature over a signing string. */
export async function isSignedBy(keys: readonly RsaKey[], text: string, signature: string): Promise<boolean> {
  const made = fromBase64(signature);
  if (made === undefined) return false;
  const bytes = Buffer.from(text, /[^\0-\u00ff]/.test(text) ? "utf8" : "latin1");
  for (const key of keys) if (await key.verify(bytes, made)) return true;
  return false;
}

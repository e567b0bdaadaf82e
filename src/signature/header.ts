import { fromBase64 } from "./base64.ts";
import { VerificationError } from "./error.ts";

/** The longest `Signature` header that is read, in characters; Copernica's have some 500. */
export const MAX_SIGNATURE_HEADER_LENGTH = 8_192;

/** The most headers that a signature may cover; Copernica's cover eight. */
export const MAX_COVERED_HEADERS = 32;

/** What a signature must cover for it to mean anything. */
export const REQUIRED_HEADERS = ["(request-target)", "host", "date", "digest", "x-copernica-id"] as const;

/** The parts of a `Signature` header (draft-cavage-http-signatures, section 2.1). */
export interface SignatureParameters {
  /** The name of the key, in DNS. */
  readonly keyId: string;
  /** The algorithm that the sender says it used, in lower case; undefined if it does not say. */
  readonly algorithm: string | undefined;
  /** The names of the headers that the signature covers, in lower case, in order. */
  readonly covered: readonly string[];
  /** The signature, in base64. */
  readonly signature: string;
}

/**
 * Makes the function that reads the `Signature` headers of calls as {@link parseSignature} does, and checks what they say of
 * themselves. Those of one sender differ in nothing but the signature that they end with, so all before it is read once.
 *
 * @throws {VerificationError} As {@link parseSignature}, {@link checkCoverage} and {@link checkAlgorithm} do.
 */
export function createSignatureReader(): (header: string | null) => SignatureParameters {
  let known: { readonly head: string; readonly parameters: SignatureParameters } | undefined;
  return (header) => {
    const head = header === null ? undefined : headOf(header);
    const signature = head && header?.slice(head.length, -1);
    if (signature && head === known?.head) return { ...known.parameters, signature };
    const parameters = parseSignature(header);
    checkCoverage(parameters.covered);
    checkAlgorithm(parameters.algorithm);
    if (head !== undefined && parameters.signature === signature) known = { head, parameters };
    return parameters;
  };
}

/** What a header has before the signature that it ends with; undefined if it ends with something else. */
function headOf(header: string): string | undefined {
  const start = header.lastIndexOf(SIGNATURE) + SIGNATURE.length;
  const endsThere = start >= SIGNATURE.length && header.indexOf('"', start) === header.length - 1;
  return endsThere && header.length <= MAX_SIGNATURE_HEADER_LENGTH ? header.slice(0, start) : undefined;
}

/** How the signature begins in a header that it ends. */
const SIGNATURE = ',signature="';

/**
 * Reads a `Signature` header: parameters in any order, spaces anywhere between them, unknown ones passed over. Linear in the
 * header, which is bounded.
 *
 * @throws {VerificationError} If it is missing, too long, malformed, incomplete, or has a parameter twice.
 */
export function parseSignature(header: string | null): SignatureParameters {
  const parameters = parseParameters(header);
  const keyId = parameters.get("keyId");
  const signature = parameters.get("signature");
  if (!keyId || !signature) throw refuseHeader("lacks a keyId or a signature");
  const covered = (parameters.get("headers") ?? "date")
    .trim()
    .toLowerCase()
    .split(/[ \t]+/, MAX_COVERED_HEADERS + 1);
  if (covered.length > MAX_COVERED_HEADERS) throw refuseHeader("covers too many headers");
  return { keyId, algorithm: parameters.get("algorithm")?.toLowerCase(), covered, signature };
}

/**
 * Checks that a signature covers all that it must, and nothing that can't come.
 *
 * @throws {VerificationError} Naming what it leaves out.
 */
export function checkCoverage(covered: readonly string[]): void {
  const missing = REQUIRED_HEADERS.filter((name) => !covered.includes(name));
  if (missing.length > 0) {
    throw new VerificationError("signature_incomplete", `The signature must also cover ${missing.join(", ")}.`);
  }
  if (!covered.every((name) => COVERABLE.test(name))) {
    throw new VerificationError("signature_incomplete", "The signature covers what is no header.");
  }
}

/** The name of a header, or of the one pseudo-header that is known. A name that HTTP does not allow would make Headers throw. */
const COVERABLE = /^(?:\(request-target\)|[\w!#$%&'*+.^`|~-]+)$/;

/**
 * Checks that a signature says of itself that it is RSA with SHA-256, which alone is ever tried: no sender chooses.
 *
 * @throws {VerificationError} If it says something else, or nothing.
 */
export function checkAlgorithm(algorithm: string | undefined): void {
  if (algorithm === "rsa-sha256" || algorithm === "hs2019") return;
  throw new VerificationError("algorithm_refused", "The signature must be made with rsa-sha256.");
}

/**
 * The bytes of a signature.
 *
 * @throws {VerificationError} If it is no base64.
 */
export function decodeSignature(signature: string): Uint8Array {
  const bytes = fromBase64(signature);
  if (bytes === undefined) throw refuseHeader("must have its signature in base64");
  return bytes;
}

function parseParameters(header: string | null): ReadonlyMap<string, string> {
  if (header === null) throw refuseHeader("is missing: sign the call as Copernica does");
  if (header.length > MAX_SIGNATURE_HEADER_LENGTH) throw refuseHeader("is too long");
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = 0;
  while (PARAMETER.lastIndex < header.length) {
    const match = PARAMETER.exec(header);
    if (match === null) throw refuseHeader('must be a list of name="value"');
    const [, name = "", quoted, bare = ""] = match;
    if (parameters.has(name)) {
      throw refuseHeader(`has ${name.length > 32 ? "a parameter" : `the parameter ${name}`} twice`);
    }
    parameters.set(name, quoted ?? bare);
  }
  return parameters;
}

/**
 * One parameter with what separates it from the next: a comma, or white space alone, as in Copernica's own example. Each
 * part ends at a character that the next can't start with, so there is no backtracking.
 */
const PARAMETER = /[ \t]*([A-Za-z][A-Za-z0-9_-]*)[ \t]*=[ \t]*(?:"([^"]*)"|([^",\s]+))(?:[ \t]*(?:,|$)|[ \t]+)/y;

function refuseHeader(reason: string): VerificationError {
  return new VerificationError("invalid_signature_header", `The Signature header ${reason}.`);
}

import { fromBase64 } from "./base64.ts";
import { VerificationError } from "./error.ts";

/** The longest `Signature` header that is read, in characters; Copernica's have some 500. */
export const MAX_SIGNATURE_HEADER_LENGTH = 8_192;

/** The most headers that a signature may cover; Copernica's cover eight. */
export const MAX_COVERED_HEADERS = 32;

/** What a signature must cover for it to mean anything. */
export const REQUIRED_HEADERS = ["(request-target)", "host", "date", "digest", "x-copernica-id"] as const;

/** What a `Signature` header says (draft-cavage-http-signatures, section 2.1), so far as the algorithm is RSA with SHA-256. */
export interface Signature {
  /** The name of the key, in DNS. */
  readonly keyId: string;
  /** The names of the headers that the signature covers, in lower case, in order. */
  readonly covered: readonly string[];
  /** The signature itself. */
  readonly signature: Uint8Array;
}

/**
 * Reads a `Signature` header, and checks that it covers all that it must and is RSA with SHA-256: the algorithm is never taken
 * from the sender. Parameters may come in any order, with spaces anywhere between them; unknown ones are passed over. Linear
 * in the header, which is bounded.
 *
 * @throws {VerificationError} If it is missing, too long, malformed, incomplete, has a parameter twice, covers too little, or
 * names another algorithm.
 */
export function parseSignature(header: string | null): Signature {
  const parameters = parseParameters(header);
  const keyId = parameters.get("keyId");
  const encoded = parameters.get("signature");
  if (!keyId || !encoded) throw unreadable("it lacks a keyId or a signature");
  const covered = (parameters.get("headers") ?? "date")
    .trim()
    .toLowerCase()
    .split(/[ \t]+/, MAX_COVERED_HEADERS + 1);
  if (covered.length > MAX_COVERED_HEADERS) throw unreadable("it covers too many headers");
  const missing = REQUIRED_HEADERS.filter((name) => !covered.includes(name));
  if (missing.length > 0) {
    throw new VerificationError("signature_incomplete", `The signature must also cover ${missing.join(", ")}.`);
  }
  const algorithm = parameters.get("algorithm")?.toLowerCase();
  if (algorithm !== "rsa-sha256" && algorithm !== "hs2019") {
    throw new VerificationError("algorithm_refused", "The signature must be made with rsa-sha256.");
  }
  const signature = fromBase64(encoded);
  if (signature === undefined) throw unreadable("its signature must be base64");
  return { keyId, covered, signature };
}

function parseParameters(header: string | null): ReadonlyMap<string, string> {
  if (header === null) {
    const message = "The Signature header is missing; Copernica signs each call.";
    throw new VerificationError("invalid_signature_header", message);
  }
  if (header.length > MAX_SIGNATURE_HEADER_LENGTH) throw unreadable("it is too long");
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = 0;
  while (PARAMETER.lastIndex < header.length) {
    const match = PARAMETER.exec(header);
    if (match === null) throw unreadable('it must be a list of name="value"');
    const [, name = "", quoted, bare = ""] = match;
    if (parameters.has(name)) {
      throw unreadable(`it has ${name.length > 32 ? "a parameter" : `the parameter ${name}`} twice`);
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

function unreadable(reason: string): VerificationError {
  return new VerificationError("invalid_signature_header", `The Signature header can't be read: ${reason}.`);
}

import { HttpError } from "../errors.ts";

/** The codes of {@link VerificationError}. */
export type VerificationErrorCode =
  | "invalid_signature_header"
  | "invalid_digest_header"
  | "invalid_date_header"
  | "invalid_account_header"
  | "signature_incomplete"
  | "algorithm_refused"
  | "key_id_refused"
  | "date_out_of_range"
  | "account_mismatch"
  | "digest_mismatch"
  | "signature_mismatch"
  | "key_not_found"
  | "key_revoked"
  | "key_refused"
  | "key_unavailable";

/** How soon a call may come again whose key could not be looked up, in seconds. */
const RETRY_AFTER_SECONDS = 30;

/**
 * The sender of a call is not verified. Answered 401, but for `key_unavailable`:
 *
 * - `invalid_signature_header`, `invalid_digest_header`, `invalid_date_header`, `invalid_account_header`: the header
 *   Signature, Digest, Date or X-Copernica-ID is missing or unreadable;
 * - `signature_incomplete`: the signature does not cover all that it must, or covers a header that did not come;
 * - `algorithm_refused`: the signature is not RSA with SHA-256, or the digest neither SHA-256 nor SHA-512;
 * - `key_id_refused`: the keyId is not the name of a key of Copernica's; refused before any look-up;
 * - `key_not_found`, `key_revoked`, `key_refused`: DNS has no key under the keyId; its record is empty; its record holds no RSA
 *   key that can be used;
 * - `key_unavailable` (503, with `Retry-After`): DNS did not answer, so nobody can say whether the call is genuine;
 * - `signature_mismatch`, `digest_mismatch`: the signature does not verify; the digest is not that of the bytes received;
 * - `date_out_of_range`, `account_mismatch`: the Date lies too far in the past or in the future; the call is for another account.
 */
export class VerificationError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "VerificationError";
  /** Its stable name. */
  readonly code: VerificationErrorCode;
  /** The answer's status. */
  readonly status: 401 | 503;
  /** The answer's `Retry-After`, in seconds. */
  override readonly retryAfterSeconds: number | undefined;

  /**
   * Makes the error.
   *
   * @param code What went wrong.
   * @param message What to do about it, safe to send to a stranger.
   * @param options `cause`: what lies beneath.
   */
  constructor(code: VerificationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = code === "key_unavailable" ? 503 : 401;
    this.retryAfterSeconds = code === "key_unavailable" ? RETRY_AFTER_SECONDS : undefined;
  }
}

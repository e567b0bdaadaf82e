import { type Fault, HttpError, listFaults } from "../errors.ts";

/** Variables of a known event are missing or malformed. Answered 422, with every fault. */
export class InvalidEventError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InvalidEventError";
  /** Its stable name. */
  readonly code = "invalid_event";
  /** The answer's status. */
  readonly status = 422;
  /** The faults that were found. */
  override readonly faults: readonly Fault[];

  /**
   * Makes the error.
   *
   * @param faults Every fault that was found.
   * @param options `cause`: what lies beneath.
   */
  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(`The event lacks what its type asks for: ${listFaults(faults)}.`, options);
    this.faults = faults;
  }
}

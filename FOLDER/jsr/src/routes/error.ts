import { type Fault, HttpError, listFaults } from "../errors.ts";
import type { WebhookEvent } from "../events/event.ts";

/**
 * Fields of an event do not fit the field types of its route. Answered 422, with every fault. Nothing is lost: `event` is
 * the event with its fields as they were sent, for `onError` to keep.
 */
export class InvalidFieldsError extends HttpError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InvalidFieldsError";
  /** Its stable name. */
  readonly code = "invalid_fields";
  /** The answer's status. */
  readonly status = 422;
  /** The faults that were found. */
  override readonly faults: readonly Fault[];
  /** The event, its fields as they were sent. */
  readonly event: WebhookEvent;

  /**
   * Makes the error.
   *
   * @param faults Every fault that was found.
   * @param event The event, its fields as they were sent.
   * @param options `cause`: what lies beneath.
   */
  constructor(faults: readonly Fault[], event: WebhookEvent, options?: ErrorOptions) {
    super(`Fields do not fit their types: ${listFaults(faults)}.`, options);
    this.faults = faults;
    this.event = event;
  }
}

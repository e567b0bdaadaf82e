import { WebhookError } from "../errors.ts";

/** The description of a database is not what Copernica documents, or not all of it. Thrown by `generateRoutes`. */
export class InvalidDescriptionError extends WebhookError {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "InvalidDescriptionError";
  /** Its stable name. */
  readonly code = "invalid_description";
  /** Where in the description the fault lies: `fields.data[3].type`; empty for the description as a whole. */
  readonly path: string;

  /**
   * Says where a description is at fault, and how.
   *
   * @param path Where in the description the fault lies.
   * @param fault What is wrong there and what to do about it.
   */
  constructor(path: string, fault: string) {
    super(path === "" ? `The description ${fault}.` : `The description's ${path} ${fault}.`);
    this.path = path;
  }
}

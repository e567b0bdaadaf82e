import type { WebhookContext } from "../context.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import { readRequestTarget } from "../signature/signing-string.ts";
import { Abortable } from "./abortable.ts";
import type { Call } from "./call.ts";

/** The context of a call, as the handler has it. What costs time is made when it is first asked for. */
export class CallContext<Platform extends readonly unknown[]> extends Abortable implements WebhookContext<Platform> {
  readonly #call: Call;
  readonly #publicUrl: URL | undefined;
  #url: URL | undefined;
  readonly receivedAt: Date = new Date();
  readonly platform: Platform;
  deliveryId: string | undefined;
  /** The body, once it is known to be the sender's. */
  body: Uint8Array | undefined;
  /** The event, once it was understood. */
  event: WebhookEvent | UnknownEvent | undefined;

  constructor(call: Call, publicUrl: URL | undefined, platform: Platform) {
    super();
    this.#call = call;
    this.#publicUrl = publicUrl;
    this.platform = platform;
  }

  get headers(): Headers {
    return this.#call.headers;
  }

  get url(): URL {
    this.#url ??= new URL(
      this.#publicUrl === undefined
        ? this.#call.url
        : `${this.#publicUrl.origin}${readRequestTarget(this.#call.url, this.#publicUrl)}`,
    );
    return this.#url;
  }

  protected override get source(): AbortSignal | undefined {
    return this.#call.signal;
  }
}

import type { WebhookContext } from "../context.ts";
import type { UnknownEvent, WebhookEvent } from "../events/event.ts";
import { readRequestTarget } from "../signature/signing-string.ts";
import type { Call } from "./call.ts";

/**
 * The context of a call, as the handler has it. A class, since an object with getters of its own takes many times as long to
 * make; and what costs time is made when it is first asked for.
 */
export class CallContext<Platform extends readonly unknown[]> implements WebhookContext<Platform> {
  readonly #call: Call;
  readonly #publicUrl: URL | undefined;
  #url: URL | undefined;
  #controller: AbortController | undefined;
  readonly receivedAt: Date = new Date();
  readonly platform: Platform;
  deliveryId: string | undefined;
  /** The body, once it is known to be the sender's. */
  body: Uint8Array | undefined;
  /** The event, once it was understood. */
  event: WebhookEvent | UnknownEvent | undefined;

  constructor(call: Call, publicUrl: URL | undefined, platform: Platform) {
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

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      const client = this.#call.signal;
      if (client?.aborted) controller.abort(client.reason);
      else client?.addEventListener("abort", () => controller.abort(client.reason), { once: true });
    }
    return this.#controller.signal;
  }

  /** Aborts the signal, unless nobody asked for it yet: then the next who asks gets an aborted one. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

import type { UnknownEvent, WebhookEvent } from "../events/events.ts";
import { readRequestTarget } from "../signature/signing-string.ts";
import type { Call } from "./call.ts";

/**
 * What a callback gets beside the event: the request that brought it.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export interface WebhookContext<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The headers of the request. */
  readonly headers: Headers;
  /** The URL that Copernica called: with `verify.publicUrl`, its host and path, whatever a proxy or the sender made of them. */
  readonly url: URL;
  /**
   * Aborted when `timeoutMs` is over, or when the client goes away, if the runtime tells: nobody waits for the answer any
   * more.
   */
  readonly signal: AbortSignal;
  /** When the request came in. */
  readonly receivedAt: Date;
  /** What the runtime passed beside the request: Bun's server, Deno's connection info, a Worker's env and ctx. */
  readonly platform: Platform;
  /**
   * What identifies this delivery, once it is verified: each call of Copernica's has its own, a replay has that of the call
   * it repeats. Undefined if senders are not verified.
   */
  readonly deliveryId: string | undefined;
}

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

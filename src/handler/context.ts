/**
 * What a callback gets beside the event: the request that brought it.
 *
 * @typeParam Platform What the runtime passes to the handler beside the request.
 */
export interface WebhookContext<Platform extends readonly unknown[] = readonly unknown[]> {
  /** The headers of the request. */
  readonly headers: Headers;
  /** The URL of the request. */
  readonly url: URL;
  /** Aborted when `timeoutMs` is over: stop what you do, the answer has been given. */
  readonly signal: AbortSignal;
  /** When the request came in. */
  readonly receivedAt: Date;
  /** What the runtime passed beside the request: Bun's server, Deno's connection info, a Worker's env and ctx. */
  readonly platform: Platform;
  /**
   * What identifies this delivery, once it is verified: each call of Copernica's has its own, a replay has that of the call
   * it repeats. Undefined without `account`.
   */
  readonly deliveryId: string | undefined;
}

/**
 * The context of a request, as the handler has it. A class, since an object with getters of its own takes many times as long
 * to make; and what costs time is made when it is first asked for.
 */
export class RequestContext<Platform extends readonly unknown[]> implements WebhookContext<Platform> {
  readonly #request: Request;
  #url: URL | undefined;
  #controller: AbortController | undefined;
  readonly receivedAt: Date = new Date();
  readonly platform: Platform;
  deliveryId: string | undefined;

  constructor(request: Request, platform: Platform) {
    this.#request = request;
    this.platform = platform;
  }

  get headers(): Headers {
    return this.#request.headers;
  }

  get url(): URL {
    this.#url ??= new URL(this.#request.url);
    return this.#url;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Throws what the signal was aborted with. Makes no signal, which takes longer than most callbacks. */
  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  /** Aborts the signal. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

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
 * What a callback gets beside the event that runs from an inbox: what was stored of the request that brought it. What the
 * runtime passed is gone by then.
 */
export interface InboxContext {
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** What identifies this delivery, through all its attempts: make what you do idempotent by it. */
  readonly deliveryId: string;
  /** The headers that were stored: `content-type`, `date`, `digest`, `x-copernica-id` and `x-nonce`. */
  readonly headers: Headers;
  /** The URL that Copernica called. */
  readonly url: URL;
  /** When the request came in. */
  readonly receivedAt: Date;
  /** Aborted when `timeoutMs` is over, when the attempt counts as failed, and when the inbox stops. */
  readonly signal: AbortSignal;
}

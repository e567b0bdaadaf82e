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

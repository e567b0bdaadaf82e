import { IttyRouter } from "itty-router/IttyRouter";
import { InvalidOptionError, RequestError, WebhookError } from "../errors.ts";
import { createEventReader, decodeBody } from "../events/parse.ts";
import { DEFAULT_TIME_ZONE } from "../events/timestamp.ts";
import { createRouter } from "../routes/routes.ts";
import { createKeyLookup } from "../signature/keys.ts";
import { createVerifier, DEFAULT_MAX_AGE_SECONDS, type Verifier } from "../signature/verify.ts";
import { withTimeout } from "../timeout.ts";
import { answerDone, answerError } from "./answer.ts";
import { readBody } from "./body.ts";
import { RequestContext } from "./context.ts";
import { createMemoryDeliveryStore } from "./deliveries.ts";
import { createDispatcher } from "./dispatch.ts";
import { type AnsweredError, InternalError } from "./errors.ts";
import { checkOptions, DEFAULT_MAX_BODY_BYTES, DEFAULT_TIMEOUT_MS, type WebhookOptions } from "./options.ts";

/**
 * A fetch-style handler: what Bun.serve, Deno.serve, a Worker or a framework calls with a request. It answers every request,
 * and never throws or rejects.
 *
 * @typeParam Platform What the runtime passes beside the request; callbacks find it in `context.platform`.
 */
export type WebhookHandler<Platform extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...platform: Platform
) => Promise<Response>;

/**
 * Makes the handler that receives Copernica's webhooks: it checks the request, reads its body, verifies its sender, decodes
 * and understands the event, hands it to its callback and answers. Make it once, not for each request: it remembers keys and
 * deliveries.
 *
 * @param options The callbacks of the events, and settings.
 * @returns The handler.
 * @throws {InvalidOptionError} Where an option is misspelled or can't be used.
 *
 * @example
 * ```ts
 * import { createWebhookHandler } from "copernica-webhooks";
 *
 * const handler = createWebhookHandler({
 *   account: 1234,
 *   async onProfileCreate(event, context) {
 *     console.log(event.profile, event.fields.email, context.receivedAt);
 *   },
 *   async onSubprofileCreate(event) {
 *     console.log(event.subprofile, event.collection);
 *   },
 * });
 *
 * export default { fetch: handler };
 * ```
 */
export function createWebhookHandler<Platform extends readonly unknown[] = readonly unknown[]>(
  options: WebhookOptions<Platform>,
): WebhookHandler<Platform> {
  checkOptions(options);
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const { onError = logLoss, onWarning = console.warn } = options;
  const verify = createHandlerVerifier(options);
  const readEvent = createHandlerReader(options.timeZone ?? DEFAULT_TIME_ZONE);
  const dispatch = createDispatcher(options, {
    router: createRouter(options, options.databases ?? []),
    deliveries: verify && (options.deliveries ?? createMemoryDeliveryStore(options.verify?.clock)),
    claimTtlMs: claimTtlMs(options.verify?.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS, timeoutMs),
    timeoutMs,
    warn,
  });

  const router = createPathRouter(options.path ?? "*", async (request, context: RequestContext<Platform>) => {
    const body = await readBody(request, maxBodyBytes);
    if (verify !== undefined) context.deliveryId = (await verify(request, body)).deliveryId;
    await dispatch(readEvent(decodeBody(body, request.headers.get("content-type"))), context);
    return answerDone();
  });

  if (verify === undefined) {
    warn("Anybody can post events here: give createWebhookHandler your account, so that it verifies senders.");
  }

  let hinted = false;
  return async (request, ...platform) => {
    const context = new RequestContext(request, platform);
    try {
      return await router(request, context);
    } catch (thrown) {
      const error = answered(thrown);
      await tell(error, context);
      return answerError(error);
    }
  };

  async function tell(error: AnsweredError, context: RequestContext<Platform>): Promise<void> {
    if (!hinted && MISTAKES.includes(error.code)) {
      hinted = true;
      warn(
        `A call was refused (${error.code}). If none gets through, see whether account and verify.publicUrl are right.`,
      );
    }
    try {
      await withTimeout(Promise.resolve(onError(error, context)), timeoutMs, () => new Error("It took too long."));
    } catch (cause) {
      warn(`onError itself failed, when it was told of ${error.code}.`, cause);
    }
  }

  function warn(message: string, ...cause: unknown[]): void {
    try {
      Promise.resolve(onWarning(message, ...cause)).catch(console.error);
    } catch (error) {
      console.error(error);
    }
  }
}

/** Makes what verifies the senders of a handler; undefined where it has no account. */
function createHandlerVerifier({
  account,
  verify = {},
}: Pick<WebhookOptions, "account" | "verify">): Verifier | undefined {
  if (account === undefined) return undefined;
  return createVerifier({ ...verify, account, keys: createKeyLookup(verify) });
}

function createHandlerReader(timeZone: string): ReturnType<typeof createEventReader> {
  try {
    return createEventReader(timeZone);
  } catch (cause) {
    throw new InvalidOptionError(`This runtime does not know the timeZone ${timeZone}; give an IANA name.`, { cause });
  }
}

/** A claim outlives the time in which its call is accepted: until its Date, which may lie ahead, is `maxAgeSeconds` old. */
function claimTtlMs(maxAgeSeconds: number, timeoutMs: number): number {
  return Math.max(Math.ceil(2 * maxAgeSeconds * 1_000), timeoutMs) + CLAIM_MARGIN_MS; // whole, as Redis wants it
}

/** What clocks of several processes may differ. */
const CLAIM_MARGIN_MS = 60_000;

type Receive<Context> = (request: Request, context: Context) => Promise<Response>;

/**
 * Makes the function that checks a request's method and path, and passes on what is a POST to the path.
 *
 * itty-router gets the method and the URL alone: it would write to the request, and spend a long query's length squared.
 */
function createPathRouter<Context>(path: string, receive: Receive<Context>): Receive<Context> {
  if (path !== "*" && !path.startsWith("/")) throw new InvalidOptionError('path must start with "/".');
  try {
    /** The URL of the request that was received last, its query left out. */
    let receivedUrl: string | undefined;
    const router = IttyRouter()
      .post(path, ({ url }: { url: string }, request: Request, context: Context) => {
        receivedUrl = url;
        return receive(request, context);
      })
      .post("*", () => {
        throw new RequestError("path_not_found", "Webhooks are received at another path.");
      })
      .all("*", () => {
        throw new RequestError("method_not_allowed", "Send the event with POST.");
      });
    return (request, context) => {
      const { method } = request;
      const url = request.url.split("?", 1)[0] ?? "";
      // Nearly all requests have one URL, and routing takes longer than anything else that is done before they are read.
      if (method === "POST" && url === receivedUrl) return receive(request, context);
      return router.fetch({ method, url }, request, context);
    };
  } catch (cause) {
    throw new InvalidOptionError("path is not a pattern that itty-router can read.", { cause });
  }
}

function answered(thrown: unknown): AnsweredError {
  if (thrown instanceof WebhookError) return thrown as AnsweredError; // an invalid option is thrown at creation
  return new InternalError("The receiver failed; its own log says why.", { cause: thrown });
}

/** What a receiver with a mistake in its options answers to every call, and a forger to a few: told once. */
const MISTAKES: readonly string[] = ["account_mismatch", "signature_mismatch"];

/** From this status on, what is refused is an event of Copernica's that is lost, not a stranger's attempt. */
const FIRST_STATUS_OF_LOSS = 422;

function logLoss(error: AnsweredError): void {
  if (error.status >= FIRST_STATUS_OF_LOSS) console.error(error);
}

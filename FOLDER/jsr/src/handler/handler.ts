import { HttpError } from "../errors.ts";
import { decodeBody } from "../events/parse.ts";
import { createEventReader } from "../events/read.ts";
import { createRouter } from "../routes/router.ts";
import { createVerifier } from "../signature/verify.ts";
import { withTimeout } from "../timeout.ts";
import { type Answer, createResponse, DONE, describeProblem } from "./answer.ts";
import { addAnswer, type Call, RequestCall } from "./call.ts";
import { createClaimer } from "./claim.ts";
import { CallContext } from "./context.ts";
import { createDispatcher } from "./dispatch.ts";
import { type AnsweredError, InternalError } from "./errors.ts";
import { explainMistake, warnOfSettings } from "./mistakes.ts";
import { isNodeResponse, writeAnswer } from "./node-request.ts";
import type { WebhookOptions } from "./options.ts";
import { createPathRouter } from "./path.ts";
import { settleHandler } from "./settings.ts";

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
 * Makes the handler that receives Copernica's webhooks: it checks the request, verifies its sender, reads its body, decodes
 * and understands the event, hands it to its callback and answers. Make it once, not for each request: it remembers keys and
 * deliveries.
 *
 * @param options The callbacks of the events, and settings.
 * @returns The handler.
 * @throws {InvalidOptionError} If an option is misspelled or can't be used.
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
  const settings = settleHandler(options);
  const { verification, timeoutMs, onError, warn } = settings;
  const verifier = verification && createVerifier(verification);
  const readEvent = createEventReader(settings.timeZone);
  const dispatch = createDispatcher(settings, {
    findCallback: createRouter(settings, settings.databases),
    claim: verification && createClaimer(settings, verification),
    noteLateFailure: tell,
  });
  const route = createPathRouter(settings.path, receive);
  warnOfSettings(settings, options.verify === false);

  return addAnswer(async (request, ...platform) => {
    const given = await answer(new RequestCall(request), platform);
    if (isNodeResponse(platform[0])) writeAnswer(platform[0], given);
    return createResponse(given);
  }, answer);

  /** Answers a call, whatever comes of it. */
  async function answer(call: Call, platform: Platform): Promise<Answer> {
    const context = new CallContext(call, verification?.publicUrl, platform);
    try {
      await route(call, context);
      return DONE;
    } catch (thrown) {
      const error = await explain(thrown, call, context);
      await tell(error, context);
      return describeProblem(error);
    }
  }

  /** Receives what is a POST to the path. Nobody but Copernica has a body read, decoded or understood. */
  async function receive(call: Call, context: CallContext<Platform>): Promise<void> {
    const read = (): Promise<Uint8Array> => call.readBody(settings);
    const sender = await verifier?.verifySender(call, read);
    context.deliveryId = sender?.delivery.deliveryId;
    const body = sender?.body ?? (await read());
    await sender?.verifyBody(body);
    context.body = body;
    context.event = readEvent(decodeBody(body, call.getHeader("content-type")));
    await dispatch(context.event, context);
  }

  /** Makes of what was thrown the error that is answered, with the delivery in it, and warns if it looks like a mistake of ours. */
  async function explain(thrown: unknown, call: Call, context: CallContext<Platform>): Promise<AnsweredError> {
    const error =
      thrown instanceof HttpError
        ? (thrown as AnsweredError) // the base of nothing else
        : new InternalError("The receiver failed; its own log says why.", { cause: thrown });
    if (EARLY_REFUSALS.has(error.code)) context.deliveryId = (await verifier?.recognize(call))?.deliveryId;
    const mistake = explainMistake(error, call, context.deliveryId !== undefined, settings);
    if (mistake !== undefined) warn.once(error.code, mistake);
    const { deliveryId, body, event } = context;
    return Object.assign(error, deliveryId && { deliveryId }, body && { body }, event && { event });
  }

  async function tell(error: AnsweredError, context: CallContext<Platform>): Promise<void> {
    try {
      await withTimeout(Promise.resolve(onError(error, context)), timeoutMs, () => new Error("It took too long."));
    } catch (cause) {
      warn(`onError itself failed, when it was told of ${error.code}.`, cause);
    }
  }
}

/** What is refused before the sender is verified, though it may be Copernica. */
const EARLY_REFUSALS: ReadonlySet<string> = new Set(["path_not_found", "path_too_long", "date_out_of_range"]);

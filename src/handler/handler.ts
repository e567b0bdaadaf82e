import { isPromise } from "../awaitable.ts";
import { createEventReader } from "../events/read.ts";
import { decodeBody } from "../form/body.ts";
import { createVerifier } from "../signature/verify.ts";
import { withTimeout } from "../timeout.ts";
import { type Answer, createResponse, DONE, describeProblem } from "./answer.ts";
import { addAnswer, type Call, RequestCall } from "./call.ts";
import { createClaimer } from "./claim.ts";
import { CallContext } from "./context.ts";
import { createDispatcher } from "./dispatch.ts";
import { type AnsweredError, toAnsweredError } from "./errors.ts";
import type { InboxHandler } from "./inbox.ts";
import { explainMistake, warnOfSettings } from "./mistakes.ts";
import { findNodeResponse, writeAnswer } from "./node-request.ts";
import type { InboxWebhookOptions, WebhookOptions } from "./options.ts";
import { createPathCheck } from "./path.ts";
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
): WebhookHandler<Platform>;
/**
 * Makes a handler with an inbox: it stores what it verified, answers 200, and runs the callbacks from there until they
 * succeed.
 *
 * @param options The inbox, the callbacks of the events, and settings.
 * @returns The handler.
 * @throws {InvalidOptionError} If an option is misspelled or can't be used.
 */
export function createWebhookHandler(options: InboxWebhookOptions): WebhookHandler;
export function createWebhookHandler<Platform extends readonly unknown[]>(
  options: WebhookOptions<Platform> | InboxWebhookOptions,
): WebhookHandler<Platform> {
  const settings = settleHandler(options);
  const { verification, inbox, timeoutMs, onError, warn } = settings;
  const verifier = verification && createVerifier(verification);
  const readEvent = createEventReader(settings.timeZone);
  const understand: InboxHandler["understand"] = (body, contentType) => readEvent(decodeBody(body, contentType));
  const dispatch = createDispatcher(settings, tell);
  const claim = verification && createClaimer(settings, verification);
  const store = inbox?.connect({ ...settings, understand, dispatch, tell });
  const checkAddress = createPathCheck(settings.path);
  warnOfSettings(settings);

  return addAnswer(async (request, ...platform) => {
    const given = await answer(new RequestCall(request), platform);
    const response = findNodeResponse(request, platform[0]);
    if (response !== undefined) writeAnswer(response, given);
    return createResponse(given);
  }, answer);

  /**
   * Answers a call, whatever comes of it: only a POST to the path is received, and nobody but Copernica has a body read, decoded
   * or understood. What is known already is not awaited, which would take longer than many a step.
   */
  async function answer(call: Call, platform: Platform): Promise<Answer> {
    const context = new CallContext(call, verification?.publicUrl, platform);
    const read = (): Promise<Uint8Array> => call.readBody(settings);
    try {
      checkAddress(call);
      const verifying = verifier?.verifySender(call, read);
      const sender = isPromise(verifying) ? await verifying : verifying;
      context.deliveryId = sender?.delivery.deliveryId;
      const body = sender?.body ?? (await read());
      const comparing = sender?.verifyBody(body);
      if (isPromise(comparing)) await comparing;
      context.body = body;
      if (store !== undefined) {
        await store(body, context);
      } else {
        context.event = understand(body, call.getHeader("content-type"));
        await dispatch(context.event, context, claim);
      }
      return DONE;
    } catch (thrown) {
      const error = await explain(thrown, call, context);
      await tell(error, context);
      return describeProblem(error);
    }
  }

  /** Makes of what was thrown the error that is answered, with the delivery in it, and warns if it looks like a mistake of ours. */
  async function explain(thrown: unknown, call: Call, context: CallContext<Platform>): Promise<AnsweredError> {
    const error = toAnsweredError(thrown);
    const isEarly = EARLY_REFUSALS.has(error.code);
    if (isEarly) context.deliveryId = (await verifier?.recognize(call))?.deliveryId;
    // What a stranger gets wrong says nothing of the receiver.
    const mistake = isEarly && context.deliveryId === undefined ? undefined : explainMistake(error, call, settings);
    if (mistake !== undefined) warn.once(error.code, mistake);
    const { deliveryId, body, event } = context;
    return Object.assign(error, deliveryId && { deliveryId }, body && { body }, event && { event });
  }

  async function tell(error: AnsweredError, context: object): Promise<void> {
    try {
      await withTimeout(
        Promise.resolve(onError(error, context as never)),
        timeoutMs,
        () => new Error("It took too long."),
      );
    } catch (cause) {
      warn(`onError itself failed, told of ${error.code}.`, cause);
    }
  }
}

/** What is refused before the sender is verified, though it may be Copernica. */
const EARLY_REFUSALS: ReadonlySet<string> = new Set(["path_not_found", "path_too_long", "date_out_of_range"]);

import { callbackNames } from "../events/map.ts";
import { readRequestTarget } from "../signature/signing-string.ts";
import type { Call } from "./call.ts";
import type { AnsweredError } from "./errors.ts";
import { printable } from "./log.ts";
import type { HandlerSettings } from "./settings.ts";

/**
 * Warns of what is allowed and can hardly be meant.
 *
 * @param isOpen Whether it was said that anybody may send.
 */
export function warnOfSettings<Platform extends readonly unknown[]>(
  settings: HandlerSettings<Platform>,
  isOpen: boolean,
): void {
  const { databases, onEvent, onUnhandled, verification, warn } = settings;
  if (verification === undefined && !isOpen) {
    warn("Anybody can post events here: give createWebhookHandler your account, so that it verifies senders.");
  }
  const isDeaf = callbackNames.every((name) => settings[name] === undefined) && !onEvent && !onUnhandled;
  if (isDeaf && databases.length === 0)
    warn("There is no callback: events are answered 200, and nothing is done with them.");
}

/**
 * What an error says of the receiver's own set-up, if it is one that a mistake there makes every call end in: what came, and
 * what was expected. Undefined for all others.
 *
 * @param isGenuine Whether the call is one of Copernica's for this account, though it was refused.
 */
export function explainMistake<Platform extends readonly unknown[]>(
  { code, message }: AnsweredError,
  call: Call,
  isGenuine: boolean,
  { path, verification }: HandlerSettings<Platform>,
): string | undefined {
  switch (code) {
    case "body_used":
      return message;
    case "account_mismatch":
      return `got account ${call.getHeader("x-copernica-id")}, this handler is for ${verification?.account}: is it the right one?`;
    case "signature_mismatch": {
      const host = verification?.publicUrl?.host ?? call.getHeader("host") ?? new URL(call.url).host;
      const target = readRequestTarget(call.url, verification?.publicUrl);
      const verified = printable(`${call.method} ${target} at ${host}`);
      return `A signature did not verify for ${verified}: if Copernica calls another URL, set verify.publicUrl.`;
    }
    case "digest_mismatch":
      return "A body is not the one that was signed: something before this handler writes bodies anew, or a replay changed it.";
    case "path_not_found":
    case "path_too_long":
      return isGenuine
        ? `Copernica calls the path ${printable(new URL(call.url).pathname)}, and this handler answers at ${path}.`
        : undefined;
    case "date_out_of_range": {
      const ahead = Date.parse(call.getHeader("date") ?? "") - (verification?.clock() ?? 0);
      const distance = `${Math.abs(Math.round(ahead / 1_000))} s ${ahead > 0 ? "ahead of" : "behind"}`;
      return isGenuine ? `A call of Copernica's is dated ${distance} this machine's clock: is that right?` : undefined;
    }
    default:
      return undefined;
  }
}

import { callbackNames } from "../events/map.ts";
import { readRequestTarget, readSignedValue } from "../signature/signing-string.ts";
import type { Call } from "./call.ts";
import type { AnsweredError } from "./errors.ts";
import { toPrintable } from "./log.ts";
import type { HandlerSettings } from "./settings.ts";

/** Warns of what is allowed and can hardly be meant. */
export function warnOfSettings(settings: HandlerSettings): void {
  const { databases, isOpen, onEvent, onUnhandled, verification, warn } = settings;
  if (verification === undefined && !isOpen) {
    warn("Anybody can post events here: give your account, so that senders are verified.");
  }
  const isDeaf = callbackNames.every((name) => settings[name] === undefined) && !onEvent && !onUnhandled;
  if (isDeaf && databases.length === 0) warn("There is no callback: events are answered 200 and dropped.");
}

/**
 * What an error says of the receiver's own set-up, if it is one that a mistake there makes every call end in: what came, and
 * what was expected. Undefined for all others.
 */
export function explainMistake(
  { code, message }: AnsweredError,
  call: Call,
  { path, verification }: HandlerSettings,
): string | undefined {
  switch (code) {
    case "body_used":
      return message;
    case "account_mismatch":
      return `${message} Yours is ${verification?.account}, and the call's is ${call.getHeader("x-copernica-id")}.`;
    case "signature_mismatch": {
      const host = readSignedValue("host", call, verification?.publicUrl);
      const target = readRequestTarget(call.url, verification?.publicUrl);
      return `${message} It came for ${toPrintable(`${call.method} ${target} at ${host}`)}.`;
    }
    case "digest_mismatch":
      return `${message} Something before this handler changed it, or a replay did.`;
    case "path_not_found":
    case "path_too_long":
      return `Copernica calls ${toPrintable(new URL(call.url).pathname)}, and this handler answers at ${path}.`;
    case "date_out_of_range": {
      const ahead = Date.parse(call.getHeader("date") ?? "") - (verification?.clock() ?? 0);
      const distance = `${Math.abs(Math.round(ahead / 1_000))} s ${ahead > 0 ? "ahead" : "behind"}`;
      return `${message} It lies ${distance}: is that clock right?`;
    }
    default:
      return undefined;
  }
}

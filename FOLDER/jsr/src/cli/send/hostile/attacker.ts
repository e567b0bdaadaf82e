import type { ClientRequest } from "node:http";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type CallParts, CONTENT_TYPES, signWith } from "../../../testing/sign-call.ts";
import type { Call } from "../../call/call.ts";
import { type Answer, post } from "../../call/post.ts";
import { makeSignedCall } from "../../call/sign.ts";
import type { DevelopmentKey } from "../../keys/development-key.ts";

/** What hostile calls are made with. */
export interface AttackerSettings {
  /** The server. */
  readonly to: URL;
  /** The URL that genuine calls are signed for. */
  readonly url: URL;
  /** The account that the receiver is for. */
  readonly account: number;
  /** The key that the receiver accepts. */
  readonly key: DevelopmentKey;
  /** The body of a genuine call. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborted when no more are to be sent. */
  readonly stop: AbortSignal;
}

/** Makes and sends calls of all kinds, genuine ones too. */
export interface Attacker extends AttackerSettings {
  /** Makes a call that is genuine but for what is given, and signed after that. */
  readonly sign: (parts?: Partial<CallParts>) => Promise<Call>;
  /** Sends a call, its body written in another way if `write` is given. */
  readonly send: (call: Call, write?: (request: ClientRequest, body: Uint8Array) => void) => Promise<Answer>;
}

/** Makes who sends hostile calls. */
export function createAttacker(settings: AttackerSettings): Attacker {
  const { to, url, account, key, body, timeoutMs, stop } = settings;
  // A connection of its own for each call: some of them are meant to break it.
  const agent = new (to.protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: false });
  return {
    ...settings,
    sign: (parts) =>
      makeSignedCall({
        url,
        account,
        body,
        contentType: CONTENT_TYPES.form,
        date: new Date(),
        nonce: crypto.randomUUID(),
        keyId: key.keyId,
        sign: signWith(key.privateKey),
        ...parts,
      }),
    send: (call, write) => post(call, to, { timeoutMs, agent, signal: stop, write }),
  };
}

import { CONTENT_TYPES, signWith } from "../../testing/sign-call.ts";
import { type Call, headerOf } from "../call/call.ts";
import type { CapturedCall } from "../call/capture.ts";
import { makeSignedCall } from "../call/sign.ts";
import type { DevelopmentKey } from "../keys/development-key.ts";
import type { Attempt } from "./received.ts";

/** How old a call may get, in milliseconds, before its Date would have an app refuse it: then it is signed anew. */
const FRESH_MS = 240_000;

/** How calls are signed anew. */
export interface SigningSettings {
  /** The account of calls that name none. */
  readonly account: number | undefined;
  /** The URL that Copernica calls, if a tunnel or a proxy changes host or path. */
  readonly publicUrl: URL | undefined;
  /** Whether the app gets calls signed anew with the development key, not byte for byte. */
  readonly signAnew: boolean;
  /** What they are signed anew with. */
  readonly key: DevelopmentKey;
}

/** A call as it is sent to the app, and how that came to be. */
export interface Outgoing {
  readonly call: Call;
  readonly signed: Attempt["signed"];
}

/** Makes what signs calls anew with the development key. */
export function createSigning({ account, publicUrl, signAnew: isAlways, key }: SigningSettings): {
  /** Signs a call anew; with another body, if one is given. */
  readonly signAnew: (call: CapturedCall, body?: Uint8Array) => Promise<Call>;
  /** Leaves a call as it came, or signs it anew if that is asked for, it has grown old, or its signature is not known. */
  readonly prepare: (call: CapturedCall) => Promise<Outgoing>;
} {
  function signAnew(call: CapturedCall, body: Uint8Array = call.body): Promise<Call> {
    return makeSignedCall({
      url: publicUrl ?? urlOf(call),
      account: Number(/\d+/.exec(headerOf(call, "x-copernica-id") ?? "")?.[0] ?? account),
      body: Uint8Array.from(body),
      contentType: headerOf(call, "content-type") ?? CONTENT_TYPES.form,
      date: new Date(),
      nonce: crypto.randomUUID(),
      keyId: key.keyId,
      sign: signWith(key.privateKey),
    });
  }

  return {
    signAnew,
    async prepare(call) {
      const isFresh = Date.now() - (call.receivedAt ?? 0) <= FRESH_MS;
      if (!isAlways && isFresh && isSigned(call)) return { signed: "as it came", call };
      return { signed: "anew", call: await signAnew(call) };
    },
  };
}

function isSigned(call: Call): boolean {
  return headerOf(call, "signature") !== undefined;
}

/** The URL that was called, as far as Host and the request target tell; some other one, if they are nonsense. */
export function urlOf(call: Call): URL {
  const url = `http://${headerOf(call, "host")}${call.target}`;
  return new URL(URL.canParse(url) ? url : "http://localhost/");
}

import { type CallParts, signCall } from "../../testing/sign-call.ts";
import type { Call } from "./call.ts";

/** Makes the signed call of these parts, as it goes over the wire. */
export async function makeSignedCall(parts: CallParts): Promise<Call> {
  const { url, body } = parts;
  return { method: "POST", target: url.pathname + url.search, headers: await signCall(parts), body };
}

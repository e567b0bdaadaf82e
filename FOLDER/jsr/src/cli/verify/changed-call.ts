import { type Call, headerOf } from "../call/call.ts";

/** A call that differs from the one that came in one thing, which often goes wrong on the way. */
export interface ChangedCall {
  /** The call, as it may have been sent. */
  readonly call: Call;
  /** What happened to it on its way, in words. */
  readonly change: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** The option that tells a receiver which URL Copernica calls. */
export function publicUrlRemedy(call: Call): string {
  const [path = "/"] = call.target.split("?");
  return `Set verify.publicUrl: ${JSON.stringify(`https://${headerOf(call, "host")}${path}`)}`;
}

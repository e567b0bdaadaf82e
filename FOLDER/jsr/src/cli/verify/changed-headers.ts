import { type Call, headerOf, withHeader } from "../call/call.ts";
import type { ChangedCall } from "./changed-call.ts";

/** Changes of the other headers that are signed. */
export function changedHeaders(call: Call): readonly ChangedCall[] {
  const changed: ChangedCall[] = [];
  const length = headerOf(call, "content-length");
  if (length !== undefined && length !== String(call.body.byteLength)) {
    changed.push({
      call: withHeader(call, "Content-length", String(call.body.byteLength)),
      change: `Content-Length says ${length}; ${call.body.byteLength} bytes came, and were signed.`,
      remedy: "Find what changes Content-Length on the way: a proxy that compresses or re-encodes the body.",
    });
  }
  const type = headerOf(call, "content-type") ?? "";
  const [media = ""] = type.split(";");
  for (const other of [media, `${media}; charset=utf-8`, `${media};charset=UTF-8`, `${media}; charset=UTF-8`]) {
    if (other === type) continue;
    changed.push({
      call: withHeader(call, "Content-type", other),
      change: `Copernica signed the content type ${other}; the receiver saw ${type || "none"}.`,
      remedy: "Find what changes Content-Type on the way: a proxy or a framework that adds or takes away a charset.",
    });
  }
  return changed;
}

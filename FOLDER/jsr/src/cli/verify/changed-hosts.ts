import { type Call, headerOf, withHeader } from "../call/call.ts";
import { type ChangedCall, publicUrlRemedy } from "./changed-call.ts";

/** The hosts that may have been signed: a proxy puts its own in the place, and often names the first one in a header. */
export function changedHosts(call: Call): readonly ChangedCall[] {
  const host = headerOf(call, "host") ?? "";
  const candidates = new Map<string, string>();
  for (const name of ["X-Forwarded-Host", "X-Original-Host", "X-Host", "X-Forwarded-Server"]) {
    const [first = ""] = (headerOf(call, name) ?? "").split(",");
    if (first.trim() !== "") candidates.set(first.trim(), `as ${name} says`);
  }
  const forwarded = /host="?([^";,]+)/i.exec(headerOf(call, "forwarded") ?? "")?.[1];
  if (forwarded !== undefined) candidates.set(forwarded, "as Forwarded says");
  for (const named of [...candidates.keys(), host]) {
    const name = named.replace(/:\d+$/, "");
    for (const port of ["", ":443", ":80", `:${headerOf(call, "x-forwarded-port") ?? "443"}`]) {
      if (!candidates.has(name + port)) candidates.set(name + port, port === "" ? "without a port" : "with a port");
    }
    const bare = name.replace(/^www\./, "");
    for (const other of [bare, `www.${bare}`, named.toLowerCase()]) {
      if (!candidates.has(other)) candidates.set(other, "spelled so");
    }
  }
  candidates.delete(host);
  return [...candidates].map(([candidate, source]) => {
    const changed = withHeader(call, "Host", candidate);
    return {
      call: changed,
      change: `Copernica signed the host ${candidate} (${source}); the receiver saw ${host || "none"}.`,
      remedy: publicUrlRemedy(changed),
    };
  });
}

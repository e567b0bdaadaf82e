import { type Call, headerOf } from "../call/call.ts";
import { type ChangedCall, publicUrlRemedy } from "./changed-call.ts";

/** Prefixes of paths that proxies often take away. */
const COMMON_PREFIXES = [
  "/api",
  "/webhook",
  "/webhooks",
  "/hook",
  "/hooks",
  "/copernica",
  "/webhooks/copernica",
  "/v1",
  "/app",
];

/** The request targets that may have been signed. */
export function changedTargets(call: Call): readonly ChangedCall[] {
  const { target } = call;
  const [path = "", query = ""] = splitQuery(target);
  const candidates = new Map<string, string>();
  for (const name of ["X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Path"]) {
    const value = headerOf(call, name);
    if (value === undefined) continue;
    const original = value.replace(/^https?:\/\/[^/]+/i, "");
    candidates.set(original, `as ${name} says`);
    if (!original.includes("?")) candidates.set(original + query, `as ${name} says`);
  }
  for (const name of ["X-Forwarded-Prefix", "X-Script-Name"]) {
    const prefix = headerOf(call, name)?.replace(/\/$/, "");
    if (prefix !== undefined) candidates.set(prefix + target, `with the prefix that ${name} names`);
  }
  const slashed = path.endsWith("/") ? path.replace(/\/+$/, "") || "/" : `${path}/`;
  candidates.set(slashed + query, path.endsWith("/") ? "without the slash at its end" : "with a slash at its end");
  candidates.set(target.replace(/^https?:\/\/[^/]+/i, "") || "/", "without the host");
  candidates.set(path, "without the query");
  if (query === "") candidates.set(`${path}?`, "with a bare question mark");
  candidates.set(decodePath(path) + query, "without escapes");
  candidates.set(path.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase()) + query, "with escapes in capitals");
  candidates.set(path.replace(/%[0-9A-F]{2}/gi, (code) => code.toLowerCase()) + query, "with escapes in small letters");
  candidates.set(path.replace(/\/{2,}/g, "/") + query, "without double slashes");
  candidates.set(path + query.replaceAll("%20", "+"), "with + for a space");
  candidates.set(path + query.replaceAll("+", "%20"), "with %20 for a space");
  for (const prefix of COMMON_PREFIXES) {
    if (!candidates.has(prefix + target)) candidates.set(prefix + target, `with ${prefix} before it`);
    if (path === "/") candidates.set(prefix + query, `at ${prefix}`);
    if (path.startsWith(`${prefix}/`)) candidates.set(target.slice(prefix.length), `without ${prefix} before it`);
  }
  candidates.delete(target);
  return [...candidates].map(([candidate, source]) => {
    const changed = { ...call, target: candidate };
    return {
      call: changed,
      change: `Copernica signed the request target ${candidate} (${source}); the receiver saw ${target}.`,
      remedy: publicUrlRemedy(changed),
    };
  });
}

/** A target's path, and its query with the question mark. */
function splitQuery(target: string): readonly [path: string, query: string] {
  const start = target.indexOf("?");
  return start === -1 ? [target, ""] : [target.slice(0, start), target.slice(start)];
}

function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path; // it has what is no escape
  }
}

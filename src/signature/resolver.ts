import { InvalidOptionError } from "../errors.ts";
import { nodeModule } from "../runtime.ts";
import type { ResolveTxt } from "./dns.ts";
import { DEFAULT_RESOLVER, resolveTxtAt } from "./dns-over-https.ts";

/** The part of `node:dns/promises` that is used. */
interface NodeDns {
  readonly Resolver: new () => NodeResolver;
  getServers(): readonly string[];
}

interface NodeResolver {
  getServers(): readonly string[];
  setServers(servers: readonly string[]): void;
  resolveTxt(name: string): Promise<string[][]>;
  cancel(): void;
}

/** What tells runtimes apart. */
interface Runtime {
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/**
 * The look-up of TXT records with the runtime's own DNS. DNS over HTTPS, which asks a third party, stands in for it only on
 * runtimes that have none: Workers and their like.
 *
 * @throws {InvalidOptionError} If this is a Node that does not give its DNS away.
 */
export function defaultResolveTxt(): ResolveTxt {
  const { navigator, process } = globalThis as Runtime; // nothing but optional properties
  // Workers have node:dns too, but theirs asks DNS over HTTPS as well, and takes a failure for a name that does not exist.
  if (navigator?.userAgent === "Cloudflare-Workers") return resolveTxtAt(DEFAULT_RESOLVER);
  const dns = nodeModule("node:dns/promises") as NodeDns | undefined; // as Node documents it
  if (dns !== undefined) return (name, options) => resolveWith(dns, name, options?.signal);
  if (process?.versions?.node === undefined) return resolveTxtAt(DEFAULT_RESOLVER);
  throw new InvalidOptionError("resolveTxt must be given: the DNS of Node before 20.16 can't be reached.");
}

/** Resolves with a resolver of its own, as canceling one ends all of its queries. */
async function resolveWith(dns: NodeDns, name: string, signal: AbortSignal | undefined): Promise<string[][]> {
  const resolver = new dns.Resolver();
  // It starts with the system's servers, not with those of dns.setServers; Deno tells them by a permission of its own only.
  const servers = "Deno" in globalThis ? [] : dns.getServers();
  if (servers.length > 0 && String(servers) !== String(resolver.getServers())) resolver.setServers(servers);
  signal?.addEventListener("abort", () => resolver.cancel());
  return await resolver.resolveTxt(name);
}

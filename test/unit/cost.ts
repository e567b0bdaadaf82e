/** Cloudflare's runtime does not say how long it worked, and its clock stands still while it works. */
const isWorkerd = globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** The time that this process has worked, in milliseconds: unlike a clock's, it leaves out what others make it wait. */
async function worked(): Promise<number> {
  if (isWorkerd) await new Promise((resolve) => setTimeout(resolve));
  if (isWorkerd || typeof process === "undefined" || typeof process.cpuUsage !== "function") return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What work costs, at best of three times: what goes on beside it only adds. For ratios; the unit means nothing. */
export async function costOf(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const start = await worked();
    await work();
    least = Math.min(least, (await worked()) - start);
  }
  return Math.max(least, isWorkerd ? 1 : Number.EPSILON); // its clock counts milliseconds
}

/** Loaded into a server under test before its example: stands in for DNS, which has the keys of `TEST_KEYS`. */
import dns from "node:dns/promises";
import process from "node:process";

const keys: Readonly<Record<string, string[][]>> = JSON.parse(process.env.TEST_KEYS ?? "{}");

Object.assign(dns.Resolver.prototype, {
  async resolveTxt(name: string): Promise<string[][]> {
    const records = keys[name];
    if (records !== undefined) return records;
    throw Object.assign(new Error(`queryTxt ${name}`), { code: name.startsWith("down.") ? "ESERVFAIL" : "ENOTFOUND" });
  },
});

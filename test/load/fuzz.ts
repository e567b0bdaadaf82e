/**
 * Calls handlers with made-up requests for some seconds, and prints what came of it: `npm run fuzz -- 600`. The same seed makes
 * the same cases; the second and third arguments, a seed and the number of a case, start from that case.
 */
import process from "node:process";
import { fuzz } from "./fuzzer.ts";

const [seconds = "10", seed = String(Date.now() % 1_000_000), firstCase = "0"] = process.argv.slice(2);

console.log(`${seconds} s, seed ${seed}, from case ${firstCase}`);
const summary = await fuzz({ seconds: Number(seconds), seed: Number(seed), firstCase: Number(firstCase) });
const { faults, ...counts } = summary;
console.log(counts);
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? "Nothing was found." : `${faults.length} faults.`);
if (faults.length > 0) process.exitCode = 1;

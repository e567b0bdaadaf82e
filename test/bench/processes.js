import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));
const measured = fileURLToPath(new URL("measured.js", import.meta.url));

/** How each runtime is started. */
export const RUNTIMES = {
  node: [process.execPath],
  bun: [`${bin}bun`],
  deno: [`${bin}deno`, "run", "-A", "--no-check"],
};

/** Starts a process that measures one line; resolves once it is warm. */
export async function startMeasured(runtime, line, deliveriesPath) {
  const [command, ...parameters] = RUNTIMES[runtime];
  const child = spawn(command, [...parameters, measured, line, deliveriesPath], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await output.next();
    if (done) throw new Error(`${runtime} failed to measure "${line}".`);
    return value;
  };
  await nextLine();
  return {
    /** Has it take events for a moment; resolves to how many microseconds one took. */
    async sample() {
      child.stdin.write("\n");
      return Number(await nextLine());
    },
    async stop() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}

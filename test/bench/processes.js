import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The folder of this repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = `${root}/node_modules/.bin/`;

/** How each runtime is started. */
const COMMANDS = {
  node: [process.execPath],
  bun: [`${bin}bun`],
  deno: [`${bin}deno`, "run", "-A"],
};

/**
 * What makes a runtime collect garbage when it is told to, for who measures memory. Nobody else is started so: V8 takes no code
 * from its cache then, and Node has to compile its own modules, which doubles the time that it takes to start.
 */
const COLLECTING = { node: ["--expose-gc"], bun: [], deno: ["--v8-flags=--expose-gc"] };

export const RUNTIMES = Object.keys(COMMANDS);

/**
 * Starts a process that measures: one of this folder's scripts that prints a line once it is warm, and one for each line that
 * it reads. Resolves once it is warm.
 *
 * @param build The build to measure, if not this one: the path of its index.js.
 */
export async function startMeasured(runtime, script, parameters, build) {
  const [command, ...options] = COMMANDS[runtime];
  const child = spawn(command, [...options, ...COLLECTING[runtime], `${root}/test/bench/${script}`, ...parameters], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
    env: build === undefined ? process.env : { ...process.env, BENCH_BUILD: build },
  });
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await output.next();
    if (done) throw new Error(`${runtime} ${script} ${parameters[0]} ended early.`);
    return value;
  };
  await nextLine();
  return {
    /** Has it measure once; resolves to the number that it prints. */
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

/** Starts a script as a server that listens on `PORT`. Returns what stops it. */
export function startServer(runtime, script, port) {
  const [command, ...options] = COMMANDS[runtime];
  const child = spawn(command, [...options, ...script], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port) },
  });
  return async () => {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
}

/** Runs a script of this folder to its end; resolves to the JSON that it prints. */
export async function runScript(runtime, script, parameters) {
  const [command, ...options] = COMMANDS[runtime];
  const child = spawn(command, [...options, `${root}/test/bench/${script}`, ...parameters], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  return JSON.parse(output);
}

/** The version of a runtime. */
export async function versionOf(runtime) {
  const [command] = COMMANDS[runtime];
  const child = spawn(command, ["--version"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  return /\d+\.\d+\.\d+/.exec(output)?.[0] ?? "?";
}

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { TestCopernica } from "copernica-webhooks/testing";

/** What a server is started with. */
export interface ServerSettings {
  /** Whose events it accepts. */
  readonly copernica?: Pick<TestCopernica, "account" | "keyId" | "records"> | undefined;
  /** Further variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server under test. */
export interface RunningServer {
  /** The port that it listens on, on the loopback interface. */
  readonly port: number;
  /** What it printed so far. */
  readonly output: Output;
  /** The memory that it has, in MiB; 0 if the system does not say. */
  readonly memory: () => number;
  /** Whether it still runs. */
  readonly alive: () => boolean;
  readonly stop: () => Promise<void>;
}

/** A server under test that is a process of its own. */
export interface ServerProcess extends RunningServer {
  /** Asks it to end, as a deploy does; resolves to its exit code, or to the signal that ended it. */
  readonly terminate: () => Promise<number | string | null>;
}

/** The lines that a server prints. */
export interface Output {
  readonly lines: readonly string[];
  /** Waits until a line was printed, maybe long ago. Rejects if none comes. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly add: (text: string) => void;
}

const PATIENCE_MS = 60_000;

export function createOutput(): Output {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  return {
    lines,
    add(text) {
      const [...whole] = (rest + text).split("\n");
      rest = whole.pop() ?? "";
      lines.push(...whole);
      for (const look of waiting) look();
    },
    line(pattern) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`No line like ${pattern} among:\n${lines.join("\n")}`));
        }, PATIENCE_MS);
        function look(): void {
          const line = lines.find((printed) => pattern.test(printed));
          if (line === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(line);
        }
        waiting.add(look);
        look();
      });
    },
  };
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The path of a file of this folder, for a command line. */
export function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Where a package from npm puts its command. */
export function command(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
}

/** Starts a server as a process of its own, in a folder and on a free port; resolves once it says that it listens. */
export async function startProcess(
  file: string,
  parameters: readonly string[],
  { copernica, environment }: ServerSettings,
  folder: string = root,
): Promise<ServerProcess> {
  const child = spawn(file, parameters, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // No more of this process's environment than that: a server may keep still when it sees that it is tested.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NO_COLOR: "1",
      PORT: "0",
      ...(copernica && {
        COPERNICA_ACCOUNT: `account_${copernica.account}`,
        TEST_KEYS: JSON.stringify({ [copernica.keyId]: copernica.records }),
      }),
      ...environment,
    },
  });
  const output = createOutput();
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", output.add);
  const exit = new Promise<void>((resolve) => child.once("exit", resolve));
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = exit.then(() => {
    process.off("exit", kill);
    throw new Error(`${file} ${parameters.join(" ")} ended:\n${output.lines.join("\n")}`);
  });
  const listening = await Promise.race([output.line(LISTENING), ended]);
  ended.catch(() => {});
  return {
    port: Number(LISTENING.exec(listening)?.[1]),
    output,
    memory: () => residentMemory(child.pid),
    alive: () => isAlive(child),
    async terminate() {
      child.kill("SIGTERM");
      await exit;
      return child.exitCode ?? child.signalCode;
    },
    async stop() {
      kill();
      await exit;
    },
  };
}

/** What each of the servers says once it listens, with its port. */
const LISTENING = /(?:listening|- local:).*?[ :](\d{2,5})\b/i;

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** The memory of a process, in MiB, if the system says it as Linux does. */
export function residentMemory(pid: number | undefined): number {
  if (process.platform !== "linux") return 0;
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
}

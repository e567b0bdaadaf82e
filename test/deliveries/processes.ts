import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A process that a test started. */
export interface Started {
  /** The part of its output that says it is ready. */
  readonly ready: RegExpExecArray;
  /** Ends it at once, without a chance to tidy up. */
  readonly kill: () => Promise<void>;
  /** Asks it to end, as a deploy does; resolves to its exit code, or to the signal that ended it. */
  readonly terminate: () => Promise<number | string | null>;
}

/** Starts a process; resolves once its output says that it is ready. */
export async function start(
  file: string,
  parameters: readonly string[],
  pattern: RegExp,
  environment: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const child: ChildProcess = spawn(file, parameters, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...environment },
  });
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  let output = "";
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const match = pattern.exec(output);
        if (match !== null) resolve(match);
      });
    }
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${file} ${parameters.join(" ")} ended:\n${output}`)));
  });
  return {
    ready,
    async kill() {
      process.off("exit", kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      kill();
      await once(child, "exit");
    },
    async terminate() {
      process.off("exit", kill);
      child.kill("SIGTERM");
      await once(child, "exit");
      return child.exitCode ?? child.signalCode;
    },
  };
}

/** Makes a server listen on the loopback interface; resolves to its port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // as of every server that listens on a port
}

import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { createOutput, type Output } from "../servers/server.ts";

/** The repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** The built program. */
export const program = join(root, "dist/cli.js");

/** What a run of the program came to. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the program is run. */
export interface RunOptions {
  /** The command of the runtime, if it is not this Node. */
  readonly runtime?: readonly string[];
  /** Variables of its environment, beside those that every run has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder for each file of tests, for settings too, so that no test sees a developer's key. */
export const folder: string = mkdtempSync(join(tmpdir(), "command-line-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function environmentOf({ environment }: RunOptions): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: join(folder, "settings"), ...environment };
}

function start(words: readonly string[], options: RunOptions): ChildProcessWithoutNullStreams {
  const [file = "", ...more] = [...(options.runtime ?? [process.execPath]), program, ...words];
  return spawn(file, more, { cwd: folder, env: environmentOf(options) });
}

/** Runs the program to its end. */
export function run(
  words: readonly string[],
  options: RunOptions & { input?: string | Uint8Array } = {},
): Promise<Run> {
  const child = start(words, options);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  child.stdin.on("error", () => {}); // it may not read any of it
  child.stdin.end(options.input ?? "");
  return new Promise((resolve) => child.once("close", (exitCode) => resolve({ exitCode, ...texts })));
}

/** The program on a terminal. */
export interface RunningOnTerminal {
  /** What it shows, lines and all that moves the cursor. */
  readonly shown: Output;
  /** Presses keys. */
  readonly type: (keys: string) => void;
  readonly ended: Promise<number | null>;
}

/** Whether there is what a pseudo-terminal takes. */
export const hasTerminal: boolean = spawnSync("python3", ["-c", "import pty"]).status === 0;

/** Starts the program on a pseudo-terminal. */
export function runOnTerminal(words: readonly string[], options: RunOptions = {}): RunningOnTerminal {
  const driver = fileURLToPath(new URL("terminal.py", import.meta.url));
  const child = spawn("python3", [driver, ...(options.runtime ?? [process.execPath]), program, ...words], {
    cwd: folder,
    env: { TERM: "xterm", ...environmentOf(options) },
  });
  const shown = createOutput();
  // A line that is drawn anew ends with a carriage return.
  child.stdout.setEncoding("utf8").on("data", (text: string) => shown.add(text.replaceAll(/\r\n?/g, "\n")));
  child.stderr.setEncoding("utf8").on("data", shown.add);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  ended.then(() => process.off("exit", kill));
  return { shown, type: (keys) => child.stdin.write(keys), ended };
}

/** The program while it runs. */
export interface RunningProgram {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Closes its standard output, as a reader does that has seen enough. */
  readonly stopReading: () => void;
  /** Ends it with a signal; resolves to what it ended with. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
  readonly ended: Promise<number | null>;
}

/** Starts the program, to be ended later. */
export function runOn(words: readonly string[], options: RunOptions = {}): RunningProgram {
  const child = start(words, options);
  const outputs = { stdout: createOutput(), stderr: createOutput() };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", outputs[name].add);
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  ended.then(() => process.off("exit", kill));
  return {
    ...outputs,
    ended,
    stopReading: () => child.stdout.destroy(),
    end(signal = "SIGINT") {
      child.kill(signal);
      return ended;
    },
  };
}

/** Starts to listen at a free port; tells the URL too. */
export async function startListening(
  words: readonly string[],
  options?: RunOptions,
): Promise<RunningProgram & { readonly url: string }> {
  const listening = runOn(["listen", "--port", "0", ...words], options);
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(await listening.stderr.line(/Calls are taken at/)) ?? [];
  return { ...listening, url: `${url}/copernica` };
}

/** The objects of lines of JSON. */
export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

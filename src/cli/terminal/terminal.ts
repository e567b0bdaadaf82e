import { setMaxListeners } from "node:events";
import process from "node:process";
import { type ExitCode, exitCodes, reasonOf } from "../frame/exit.ts";
import { createStyle, hasColors, type Style } from "./style.ts";

/** What a command sees of the world: its output, its input, and when to stop. */
export interface Terminal {
  /** Prints a line of data, on standard output. */
  readonly print: (line: string) => void;
  /** Prints an object as a line of JSON, on standard output. */
  readonly printJson: (value: object) => void;
  /** Waits until all that was printed is out. */
  readonly flush: () => Promise<void>;
  /** Tells something on standard error, unless it is to be quiet. */
  readonly note: (line: string) => void;
  /** Tells something on standard error that must be known, quiet or not. */
  readonly warn: (line: string) => void;
  /** The marks of standard output. */
  readonly style: Style;
  /** The marks of standard error. */
  readonly noteStyle: Style;
  /** Standard error, if it is a terminal that a bar of progress can be drawn on, and nobody wants quiet. */
  readonly screen: Screen | undefined;
  /** Aborted when the command is to end: interrupted, or nobody reads what it prints. */
  readonly stop: AbortSignal;
  /** Stops the command, as Control-C does; a second time it ends at once. */
  readonly interrupt: () => void;
  /** The variables of the environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A terminal on which the line that was drawn last can be drawn anew. */
interface Screen {
  /** Draws a line beneath all that is printed, in the place of the one before; an empty one takes it away. */
  readonly draw: (line: string) => void;
  /** The characters of a line. */
  readonly columns: () => number;
}

/** The terminal of this process, with what only the start of the program does with it. */
export interface ProcessTerminal extends Terminal {
  /** What the process must end with, if something stopped it. */
  readonly stopCode: () => ExitCode | undefined;
}

/** How a command wants its output. */
export interface TerminalSettings {
  /** Only data and errors. */
  readonly quiet: boolean;
  /** No colors, whatever the terminal can. */
  readonly plain: boolean;
}

/** Takes over the output, the signals and the environment of this process. */
export function openTerminal({ quiet, plain }: TerminalSettings): ProcessTerminal {
  const { stdout, stderr, env } = process;
  const colors = { environment: env, refused: plain };
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // each call that is under way is a listener, and none of them a leak
  let stopCode: ExitCode | undefined;

  function stop(code: ExitCode): void {
    stopCode ??= code;
    controller.abort();
  }

  function interrupt(code: ExitCode): void {
    if (controller.signal.aborted) process.exit(code); // asked twice, it no longer waits for anything
    stop(code);
  }

  let outputFailed = false;
  function failOutput(cause: unknown): void {
    if (outputFailed) return;
    outputFailed = true;
    const isUnread = typeof cause === "object" && cause !== null && "code" in cause && cause.code === "EPIPE";
    if (!isUnread) stderr.write(`The output can't be written: ${reasonOf(cause)}.\n`);
    stop(isUnread ? exitCodes.unread : exitCodes.unavailable);
    tellFlushed();
  }

  // Counted here, and not left to the streams: Bun calls back at once for an empty text, whatever is still before it.
  let unwritten = 0;
  let onFlushed: (() => void)[] = [];
  function tellFlushed(): void {
    for (const resolve of onFlushed.splice(0)) resolve();
  }

  function write(stream: NodeJS.WriteStream, text: string): void {
    unwritten += 1;
    const written = (): void => {
      unwritten -= 1;
      if (unwritten === 0) tellFlushed();
    };
    try {
      stream.write(text, written);
    } catch (cause) {
      written();
      if (stream === stdout) failOutput(cause); // Deno throws what the others tell later
    }
  }

  stdout.on("error", failOutput);
  stderr.on("error", () => {}); // there is nowhere left to tell it
  process.on("SIGINT", () => interrupt(exitCodes.interrupted));
  process.on("SIGTERM", () => interrupt(exitCodes.terminated));

  let drawn = "";
  function draw(line: string): void {
    if (drawn !== "" || line !== "") write(stderr, `\r\u001b[2K${line}`);
    drawn = line;
  }
  /** Takes the drawn line away while another is printed: both may be on one terminal. */
  function printLine(stream: NodeJS.WriteStream, line: string): void {
    const below = drawn;
    if (below !== "") draw("");
    write(stream, `${line}\n`);
    if (below !== "") draw(below);
  }

  return {
    print: (line) => printLine(stdout, line),
    printJson: (value) => printLine(stdout, JSON.stringify(value)),
    note: (line) => {
      if (!quiet) printLine(stderr, line);
    },
    warn: (line) => printLine(stderr, line),
    style: createStyle(hasColors(stdout.isTTY === true, colors)),
    noteStyle: createStyle(hasColors(stderr.isTTY === true, colors)),
    screen:
      stderr.isTTY === true && !quiet && env.TERM !== "dumb"
        ? { draw, columns: () => stderr.columns || DEFAULT_COLUMNS }
        : undefined,
    stop: controller.signal,
    interrupt: () => interrupt(exitCodes.interrupted),
    environment: env,
    async flush() {
      draw("");
      if (unwritten === 0 || outputFailed) return;
      await new Promise<void>((resolve) => {
        onFlushed = [...onFlushed, resolve];
      });
    },
    stopCode: () => stopCode,
  };
}

/** As wide as a terminal is taken to be that does not tell. */
const DEFAULT_COLUMNS = 80;

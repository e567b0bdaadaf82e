import process from "node:process";

/** Keys as they are pressed, one at a time. */
export interface Keyboard {
  /** Gives the terminal back as it was. */
  readonly close: () => void;
}

/** Control-C, which does not interrupt while keys are read one at a time. */
const CONTROL_C = "\u0003";

/** Reads keys as they are pressed; undefined if standard input or output is no terminal. */
export function openKeyboard(onKey: (key: string) => void, onInterrupt: () => void): Keyboard | undefined {
  const { stdin, stdout } = process;
  if (stdin.isTTY !== true || stdout.isTTY !== true) return undefined;
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  const read = (text: string): void => {
    // What begins with an escape is an arrow or the like, and one key.
    for (const key of text.startsWith("\u001b") ? [text] : text) {
      if (key === CONTROL_C) onInterrupt();
      else onKey(key);
    }
  };
  stdin.on("data", read);
  stdin.resume();
  return {
    close() {
      stdin.off("data", read);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

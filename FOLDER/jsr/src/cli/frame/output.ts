import { writeFile } from "node:fs/promises";
import type { Terminal } from "../terminal/terminal.ts";
import { unavailableError } from "./exit.ts";

/** Writes a text to a file, or, without one, prints it as data. */
export async function writeOutput(text: string, file: string | undefined, terminal: Terminal): Promise<void> {
  if (file === undefined) return terminal.print(text.replace(/\n$/, ""));
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw unavailableError(`${file} can't be written`, cause);
  }
  terminal.note(`${file} is written.`);
}

import { readFile } from "node:fs/promises";
import process from "node:process";
import { unavailableError } from "./exit.ts";

/** Reads a file, or standard input if its name is `-`. */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await readStandardInput() : await readFile(file);
  } catch (cause) {
    throw unavailableError(`${file === "-" ? "Standard input" : file} can't be read`, cause);
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array); // no encoding was set
  return Buffer.concat(chunks);
}

import { closeSync, openSync, writeSync } from "node:fs";
import { type CapturedCall, captureJson } from "../call/capture.ts";
import { unavailableError } from "../frame/exit.ts";

/** A file that calls are added to. */
export interface SavedCalls {
  /** Adds a call, with what else is known of it. Throws if it can't be written. */
  readonly add: (known: object, call: CapturedCall) => void;
  /** Closes the file. */
  readonly close: () => void;
}

/**
 * Opens a file for calls, as lines of JSON that verify and fixture read; only its owner can read it: it holds personal data.
 *
 * @param flags Whether it is added to (`a`) or written anew (`w`).
 */
export function openSavedCalls(file: string, flags: "a" | "w"): SavedCalls {
  let descriptor: number;
  try {
    descriptor = openSync(file, flags, 0o600);
  } catch (cause) {
    throw unavailableError(`${file} can't be written`, cause);
  }
  return {
    add(known, call) {
      try {
        // Synchronous, so that what is answered is saved, and lines never mix.
        writeSync(descriptor, `${JSON.stringify({ type: "call", ...known, ...captureJson(call) })}\n`);
      } catch (cause) {
        throw unavailableError(`${file} can't be written`, cause);
      }
    },
    close: () => closeSync(descriptor),
  };
}

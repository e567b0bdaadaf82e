import { describeCause } from "./log.ts";

/** Tells the user of a receiver what is no error of a request, and that they should know. */
export interface Warn {
  /** Tells a message, and what caused it. */
  (message: string, ...cause: unknown[]): void;
  /** Tells a message unless one about this subject was told before. */
  readonly once: (subject: string, message: string) => void;
}

/** What is told if no `onWarning` is given. */
export function logWarning(message: string, ...cause: unknown[]): void {
  console.warn(`copernica-webhooks: ${message}${cause.length === 0 ? "" : ` ${describeCause(cause[0])}`}`);
}

/** Makes the function that warns, through `onWarning`, whatever that does. */
export function createWarner(onWarning: (message: string, cause?: unknown) => unknown): Warn {
  const told = new Set<string>();

  function warn(message: string, ...cause: unknown[]): void {
    try {
      Promise.resolve(onWarning(message, ...cause)).catch(noteFailure);
    } catch (error) {
      noteFailure(error);
    }
  }

  function once(subject: string, message: string): void {
    if (told.has(subject)) return;
    told.add(subject);
    warn(message);
  }

  return Object.assign(warn, { once });
}

function noteFailure(error: unknown): void {
  console.error(`copernica-webhooks: onWarning itself failed. ${describeCause(error)}`);
}

/** What the process ends with: a script can tell what happened without reading a line. */
export const exitCodes = {
  /** All went well. */
  done: 0,
  /** A check failed: a call that is not what it should be, or was let in. */
  failed: 1,
  /** The command line can't be understood. */
  usage: 2,
  /** The network or a file can't be used. */
  unavailable: 3,
  /** Interrupted from the keyboard. */
  interrupted: 130,
  /** Whoever read the output went away. */
  unread: 141,
  /** Asked to end. */
  terminated: 143,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What ends a command, and its user should be told in one line. */
export class CommandError extends Error {
  /** The name of its class, in a minified bundle too. */
  override readonly name = "CommandError";
  /** What the process ends with. */
  readonly exitCode: ExitCode;

  /**
   * Makes the error.
   *
   * @param exitCode What the process ends with.
   * @param message What to do about it.
   * @param options `cause`: what lies beneath.
   */
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A mistake in the command line. */
export function usageError(message: string): CommandError {
  return new CommandError(exitCodes.usage, message);
}

/** Something outside, the network or a file, that can't be used; what it says itself stands behind the message. */
export function unavailableError(message: string, cause: unknown): CommandError {
  return new CommandError(exitCodes.unavailable, `${message}: ${reasonOf(cause)}.`, { cause });
}

/** What an error of the system says, on one line, without its code. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Where a name has several addresses, each has an error of its own, and the whole has no message.
  if (cause instanceof AggregateError && cause.message === "") return reasonOf(cause.errors[0]);
  const code = "code" in cause ? String(cause.code) : "";
  return REASONS[code] ?? cause.message.replace(/^(?:E[A-Z]+: )/, "").replace(/\s+/g, " ");
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "another program listens there",
  ECONNREFUSED: "nothing listens there",
  ConnectionRefused: "nothing listens there",
  ECONNRESET: "the connection was closed",
  EISDIR: "it is a folder",
  ENOENT: "it does not exist",
  ENOSPC: "the disk is full",
  ENOTFOUND: "DNS does not know the host",
};

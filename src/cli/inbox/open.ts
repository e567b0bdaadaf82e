import process from "node:process";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectedInbox } from "../../inbox/inspect.ts";
import type { InboxOptions as WorkingOptions } from "../../inbox/options.ts";
import { optional, text } from "../../options/readers.ts";
import type { CommandOptions, OptionValues } from "../frame/command.ts";
import { CommandError, exitCodes, usageError } from "../frame/exit.ts";
import { type CommandOption, option } from "../frame/option.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type NameInPostgres, openPostgres } from "./postgres.ts";

/** The options that say which inbox is meant. */
interface InboxOptions extends CommandOptions {
  readonly inbox: CommandOption<string | undefined>;
  readonly queue: CommandOption<string | undefined>;
  readonly schema: CommandOption<string | undefined>;
}

export const inboxOptions: InboxOptions = {
  inbox: option(
    "FILE|URL",
    "The inbox: its file of SQLite, or the URL of its Postgres; by default what COPERNICA_INBOX names.",
    optional(text),
    { completes: "files" },
  ),
  queue: option("NAME", "Its name in Postgres, if pgBossInbox was given one.", optional(text)),
  schema: option("NAME", "The schema of pg-boss in Postgres, if it was given one.", optional(text)),
};

/** The inbox that was given, or that the environment names; undefined if neither is. */
export function givenInbox(given: string | undefined, { environment }: Terminal): string | undefined {
  if (URL.canParse(given ?? "") && new URL(given ?? "").password !== "") {
    throw usageError(
      "Others on this machine can read a password that is on the command line: name the URL in COPERNICA_INBOX, or the password in PGPASSWORD.",
    );
  }
  return given ?? (environment.COPERNICA_INBOX || undefined);
}

/** Opens an inbox beside the processes that use it, does something with it, and closes it again. */
export async function withInbox<Result>(
  given: OptionValues<InboxOptions>,
  terminal: Terminal,
  act: (inbox: InspectedInbox) => Promise<Result>,
): Promise<Result> {
  const place = givenInbox(given.inbox, terminal);
  if (place === undefined) throw usageError("Which inbox? Give --inbox FILE, or name it in COPERNICA_INBOX.");
  return await explainingInbox(async () => {
    const inbox = /^postgres(?:ql)?:/.test(place)
      ? await openPostgres(place, given)
      : await openFile(place, given, terminal);
    try {
      return await act(inbox);
    } finally {
      await inbox.stop();
    }
  });
}

async function openFile(path: string, { queue, schema }: NameInPostgres, terminal: Terminal): Promise<InspectedInbox> {
  if (queue !== undefined || schema !== undefined) {
    throw usageError("--queue and --schema are for an inbox in Postgres: give --inbox postgres://…");
  }
  const { inspectSqliteInbox } = await import("../../inbox/sqlite.ts");
  return withoutWarnings(() => inspectSqliteInbox(path, { onWarning: terminal.warn }));
}

/**
 * Opens an inbox to receive into, and to work through when that is asked for: one delivery after the other, so that they keep
 * their order. Its file is made if it is not there.
 */
export async function openOwnInbox(file: string, onWarning: (message: string) => void): Promise<Inbox> {
  return await explainingInbox(async () => {
    const { sqliteInbox } = await import("../../inbox/sqlite.ts");
    return withoutWarnings(() => sqliteInbox(file, { ...ONE_BY_ONE, onWarning }));
  });
}

/** How deliveries are worked through in order; an attempt may take an hour, as it waits for an app that is away. */
const ONE_BY_ONE: WorkingOptions = {
  work: false,
  concurrency: 1,
  attempts: 100,
  backoff: { firstMs: 1_000, mostMs: 60_000, jitter: 0 },
  leaseMs: 3_600_000,
};

/** Does something with an inbox; if that fails, says why in a line. It goes by codes, as the errors' classes are of another bundle. */
async function explainingInbox<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    if (cause.code === "inbox_unavailable") throw new CommandError(exitCodes.unavailable, cause.message, { cause });
    if (cause.code === "invalid_option") throw usageError(cause.message);
    throw cause;
  }
}

/** Loads SQLite without the warning of Node before 24.15 that it is experimental: who runs a command can do nothing about it. */
function withoutWarnings<Result>(load: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

import { InboxUnavailableError } from "../errors.ts";
import type { PgBossClient, PgBossDatabase } from "./client.ts";
import { openQueue, type Queue, type QueueName } from "./queue.ts";

/** How long a statement may take, in milliseconds, before it counts as failed. */
const STATEMENT_MS = 30_000;

/** How often a statement is tried that another one of the same moment stood in the way of. */
const MAX_TRIES = 5;

/** The most time between two tries, in milliseconds. */
const MAX_RETRY_MS = 20;

/** What Postgres says if another transaction stood in the way: a key that is taken, a deadlock, an order that can't be. */
const CONFLICTS: readonly unknown[] = ["23505", "40P01", "40001"];

/**
 * Runs a statement that is made for the queue, whose name is $1 before the other values; `Row` says what it returns. Without
 * values, it may be several statements, which are one transaction: what all of them return is returned.
 */
export type Run = <Row>(
  statement: (queue: Queue) => string,
  values?: readonly unknown[],
  limits?: { readonly withinMs?: number },
) => Promise<readonly Row[]>;

/** Makes the function that runs the statements of an inbox, and finds or makes its queue before the first. */
export function createRun(boss: PgBossClient, queueName: QueueName, findOrMake: typeof openQueue = openQueue): Run {
  let opening: Promise<Queue> | undefined;

  function open(): Promise<Queue> {
    opening ??= findOrMake(boss, queueName).catch((error: unknown) => {
      opening = undefined; // the next one tries again
      throw error;
    });
    return opening;
  }

  async function attempt(
    statement: (queue: Queue) => string,
    values?: readonly unknown[],
  ): Promise<readonly unknown[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        const queue = await open();
        return rowsOf(await boss.getDb().executeSql(statement(queue), values && [queue.name, ...values]));
      } catch (error) {
        if (tries === MAX_TRIES || !isConflict(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_RETRY_MS));
    }
  }

  return async <Row>(
    statement: (queue: Queue) => string,
    values?: readonly unknown[],
    { withinMs = STATEMENT_MS }: { readonly withinMs?: number } = {},
  ) => {
    try {
      return (await within(attempt(statement, values), withinMs)) as readonly Row[]; // as the statement selects them
    } catch (cause) {
      if (cause instanceof InboxUnavailableError) throw cause;
      const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
      throw new InboxUnavailableError(`The inbox "${queueName.name}" can't be reached, read or written: ${reason}`, {
        cause,
      });
    }
  };
}

/** The rows of a result; of each of the results, if there are several. */
function rowsOf(result: Result | readonly Result[]): readonly unknown[] {
  return "rows" in result ? result.rows : result.flatMap(({ rows }) => rows);
}

type Result = Awaited<ReturnType<PgBossDatabase["executeSql"]>>;

function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && CONFLICTS.includes(error.code);
}

/** Waits for something no longer than that: a server that is cut off does not say so. */
async function within<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Postgres has not answered for ${milliseconds} ms.`)), milliseconds);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

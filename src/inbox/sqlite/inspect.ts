import { createInspectedInbox, type InspectedInbox } from "../inspect.ts";
import { type InspectOptions, readWarning } from "../options.ts";
import { createFailures } from "./failures.ts";
import { createFinding } from "./find.ts";
import { openExistingFile } from "./open.ts";
import { createOrder } from "./order.ts";
import { createRevision } from "./revise.ts";
import { createSpace } from "./space.ts";
import { createSummary } from "./summary.ts";
import { hasWalBug } from "./version.ts";
import { createWriting } from "./write.ts";

/**
 * Opens an inbox that is there already, in a file of SQLite, to look at it and to change it by hand while other processes
 * receive into it and work through it: for a page of your own, or a script. It makes no file, takes no lock for itself alone,
 * and neither works nor tidies up. What it replays is taken by the processes that work.
 *
 * @param path Where the file is.
 * @param options Where warnings go.
 * @returns The inbox. Stop it in the end.
 * @throws {InvalidOptionError} If the path can't be one.
 * @throws {InboxUnavailableError} If the file is not there, is no inbox of this version, or the runtime has no SQLite.
 *
 * @example
 * ```ts
 * import { inspectSqliteInbox } from "copernica-webhooks/inbox/sqlite";
 *
 * const inbox = inspectSqliteInbox("inbox.db");
 * console.log(await inbox.replay({ event: "profile.create" }));
 * await inbox.stop();
 * ```
 */
export function inspectSqliteInbox(path: string, options: InspectOptions = {}): InspectedInbox {
  const warn = readWarning("inspectSqliteInbox", options);
  const { database, version, close } = openExistingFile(path);
  const summary = createSummary(database);
  const order = createOrder(database);
  const failures = createFailures(database);
  const { stats, list, get } = createFinding({ database, summary, failures, space: createSpace(database) });
  const { replay, discard } = createRevision({ database, summary, order });
  const { write, writeBack } = createWriting({ database, sync: undefined }, summary, path);
  let isWarned = !hasWalBug(version);

  function revise<Result>(act: () => Result): Promise<Result> {
    if (!isWarned) {
      warn(
        `SQLite ${version} has a bug that can corrupt ${path} if another process writes to it now: use a runtime with 3.51.3 or newer.`,
      );
    }
    isWarned = true;
    return write("relaxed", act);
  }

  return createInspectedInbox({
    stats,
    list,
    get,
    replay: (deliveryIds) => revise(() => replay(deliveryIds)),
    discard: (deliveryId) => revise(() => discard(deliveryId)),
    async close() {
      await writeBack.whenDone();
      close();
    },
  });
}

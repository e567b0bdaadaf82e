import type { InboxPolicy, InboxStore } from "../store.ts";
import { createAdd } from "./add.ts";
import type { PgBossClient } from "./client.ts";
import { createExchange, type Lease } from "./exchange.ts";
import { createFinding } from "./find.ts";
import type { QueueName } from "./queue.ts";
import { createRevision } from "./revise.ts";
import { createRun } from "./run.ts";
import { createSpace } from "./space.ts";
import { createSweep } from "./sweep.ts";

/** How often to look for what other processes have stored, in milliseconds. */
const POLL_MS = 200;

/**
 * Opens the store of an inbox on Postgres. It finds its queue, or makes it, when it is used for the first time.
 *
 * @param boss The client, started.
 * @param queueName What names the inbox.
 * @param policy The options that it has to heed.
 */
export function openPgBossStore(boss: PgBossClient, queueName: QueueName, policy: InboxPolicy): InboxStore {
  const run = createRun(boss, queueName);
  const add = createAdd({ run, space: createSpace(run, policy.maxBytes) });
  const exchange = createExchange(run, policy);
  const sweep = createSweep(run, exchange, policy);
  const { stats, list, get } = createFinding(run);
  const { replay, discard } = createRevision(run);

  return {
    pollMs: POLL_MS,
    add,
    exchange(settlements, limit, leaseMs) {
      const ended = settlements.map(({ taken, failure }) => ({
        lease: leaseOf(taken),
        attempt: taken.attempt,
        failure,
      }));
      return exchange(ended, { limit, leaseMs });
    },
    sweep,
    stats,
    list,
    get,
    replay,
    discard,
    close() {}, // its user stops pg-boss
  };
}

/** The lease of what this store has given out. */
function leaseOf({ lease }: { readonly lease: unknown }): Lease {
  return lease as Lease; // as exchange.ts made it: it means nothing to others
}

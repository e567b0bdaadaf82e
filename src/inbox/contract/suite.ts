import type { Awaitable } from "../../awaitable.ts";
import type { InboxPolicy, InboxStore, TakenDelivery } from "../store.ts";
import { addingCases } from "./adding.ts";
import { FIRST_WAIT_MS, type StoreCase } from "./case.ts";
import { findingCases } from "./finding.ts";
import { orderCases } from "./order.ts";
import { reopeningCases } from "./reopening.ts";
import { settlingCases } from "./settling.ts";

/** What a store of inboxes is tested with. */
export interface StoreTestOptions {
  /** Declares a test: that of Vitest, of `node:test`, of `bun:test`, or `Deno.test`. */
  readonly test: (title: string, run: () => Promise<void>) => unknown;
  /** Opens a store that is empty. */
  readonly openStore: (policy: InboxPolicy) => Awaitable<InboxStore>;
  /** Opens the store that was closed last once more; leave it out if it keeps nothing, as one in memory. */
  readonly reopenStore?: ((policy: InboxPolicy) => Awaitable<InboxStore>) | undefined;
  /**
   * Whether the store reads the clock of another machine. The tests that set that of the process are left out then.
   *
   * @default false
   */
  readonly hasOwnClock?: boolean | undefined;
}

/**
 * Declares the tests that each store of inboxes must pass; see `InboxStore`.
 *
 * @param options The store, and the function of your test runner that declares a test.
 *
 * @example
 * ```ts
 * import type { InboxPolicy, InboxStore } from "copernica-webhooks/inbox";
 * import { testInboxStore } from "copernica-webhooks/testing";
 *
 * declare const test: (title: string, run: () => Promise<void>) => void; // your runner's
 * declare function openMyStore(policy: InboxPolicy): Promise<InboxStore>;
 *
 * testInboxStore({ test, openStore: openMyStore });
 * ```
 */
export function testInboxStore({ test, openStore, reopenStore, hasOwnClock = false }: StoreTestOptions): void {
  const cases: StoreCase[] = [...addingCases, ...orderCases, ...settlingCases, ...findingCases];
  for (const { title, policy, setsClock = false, run } of cases) {
    if (setsClock && hasOwnClock) continue;
    test(title, async () => {
      const store = await openStore(policyWith(policy));
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  }
  if (reopenStore === undefined) return;
  for (const { title, before, after } of reopeningCases) {
    test(title, async () => {
      const store = await openStore(policyWith());
      let unsettled: TakenDelivery[];
      try {
        unsettled = await before(store);
      } finally {
        await store.close();
      }
      const reopened = await reopenStore(policyWith());
      try {
        await after(reopened, unsettled);
      } finally {
        await reopened.close();
      }
    });
  }
}

function policyWith(policy: Partial<InboxPolicy> = {}): InboxPolicy {
  return {
    attempts: 3,
    backoff: { firstMs: FIRST_WAIT_MS, mostMs: 2 * FIRST_WAIT_MS, jitter: 0 },
    keep: { completedMs: 60_000, discardedMs: 60_000 },
    maxBytes: 1_024 ** 3,
    warn(message) {
      throw new Error(`The store warned: ${message}`);
    },
    ...policy,
  };
}

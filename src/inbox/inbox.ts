import { InvalidOptionError } from "../errors.ts";
import type { HandlerInbox } from "../handler/inbox.ts";
import { MAX_TIMER_MS } from "../options/readers.ts";
import { createArrivals } from "./arrivals.ts";
import { connectInbox } from "./connect.ts";
import type { ReceivedDelivery } from "./delivery.ts";
import { describeRefusal, InboxUnavailableError } from "./errors.ts";
import { storedHeaders } from "./headers.ts";
import { type InspectedInbox, inspectStore } from "./inspect.ts";
import { type InboxOptions, LEASE_MARGIN_MS, readGrace, readOptions, type StopOptions } from "./options.ts";
import type { AddOutcome, InboxPolicy, InboxStore } from "./store.ts";
import { createWorker, type Process, type Worker } from "./worker.ts";

/** How the deliveries of a handler are processed. */
export interface WorkOptions {
  /** How long processing one may take, in milliseconds, by the handler's own count. */
  readonly timeoutMs: number;
}

/**
 * Where a handler stores deliveries before it answers, and from where they are worked through. Every delivery is processed at
 * least once: make callbacks idempotent by `deliveryId`.
 */
export interface Inbox extends InspectedInbox {
  /** For how long a completed delivery is remembered, in milliseconds, so that a replay of it is recognized. */
  readonly rememberMs: number;
  /**
   * Stores a verified delivery. The handler calls it.
   *
   * @returns Once it is on disk: `stored`, or `duplicate` if it had been before.
   * @throws {InboxUnavailableError} If it can't be stored.
   */
  readonly receive: (delivery: ReceivedDelivery) => Promise<AddOutcome>;
  /** Says how deliveries are processed, and begins to. The handler calls it, once. */
  readonly work: (process: Process, options: WorkOptions) => void;
  /** Does both of that for a handler, which calls it. */
  readonly connect: HandlerInbox["connect"];
  /**
   * Works through all that is due, also with `work: false`; what waits for a later attempt is left. For cron jobs, alarms and
   * tests.
   *
   * @throws {InboxUnavailableError} If the store can't be read or written.
   */
  readonly drain: () => Promise<void>;
  /**
   * Takes no more deliveries, waits for what is running, and closes the store. Call it once the server has closed its
   * connections: what is received after it is not stored.
   */
  readonly stop: (options?: StopOptions) => Promise<void>;
}

/** The least and the most time between two sweeps, in milliseconds. */
const SWEEP_MS = { least: 50, most: 1_000 } as const;

/** The time between two sweeps if the first has left something to do, in milliseconds. */
const NEXT_SWEEP_MS = 20;

/**
 * Makes an inbox over a store of your own.
 *
 * @param openStore Opens the store, as the options say.
 * @param options How deliveries are worked through, and how long they are kept.
 * @param owner What errors call that which takes the options: the name of your function.
 * @returns The inbox, for the option `inbox` of a handler.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 */
export function createInbox(
  openStore: (policy: InboxPolicy) => InboxStore,
  options: InboxOptions = {},
  owner = "createInbox",
): Inbox {
  const { isWorking, concurrency, isOrdered, onDiscarded, policy, ...settings } = readOptions(owner, options);
  const { warn } = policy;
  const store = openStore(policy);
  const arrivals = createArrivals(
    (deliveries) => store.add(deliveries),
    (stored) => {
      worker?.yieldToArrivals(stored);
      worker?.wake();
    },
  );
  let worker: Worker | undefined;
  let stopping: Promise<void> | undefined;
  let leaseMs = settings.leaseMs ?? LEASE_MARGIN_MS;
  let hasSweepFailed = false;
  let sweepTimer: ReturnType<typeof setTimeout> | undefined = setTimeout(sweep, SWEEP_MS.least);
  letProcessEnd(sweepTimer);

  async function sweep(): Promise<void> {
    let waitMs = Math.min(Math.max(leaseMs / 4, SWEEP_MS.least), SWEEP_MS.most);
    try {
      const { discarded, hasMore } = await store.sweep();
      for (const deliveryId of discarded) void tellDiscarded(deliveryId);
      if (hasMore) waitMs = NEXT_SWEEP_MS;
      hasSweepFailed = false;
    } catch (cause) {
      if (stopping === undefined && !hasSweepFailed) {
        warn("The inbox could not be swept; that is tried again until it works.", cause);
      }
      hasSweepFailed = true;
    }
    if (stopping !== undefined) return;
    sweepTimer = setTimeout(sweep, waitMs);
    letProcessEnd(sweepTimer);
  }

  async function tellDiscarded(deliveryId: string): Promise<void> {
    if (onDiscarded === undefined) return;
    try {
      const delivery = await store.get(deliveryId);
      if (delivery !== undefined) await onDiscarded(delivery);
    } catch (cause) {
      warn("onDiscarded failed.", cause);
    }
  }

  function checkOpen(): void {
    if (stopping !== undefined) throw new InboxUnavailableError("The inbox is stopped.");
  }

  async function stop(graceMs: number): Promise<void> {
    clearTimeout(sweepTimer);
    await worker?.stop(graceMs);
    arrivals.close();
    await arrivals.whenEmpty();
    await store.close();
  }

  const inbox: Inbox = {
    ...inspectStore(
      store,
      () => stopping !== undefined,
      () => worker?.wake(),
    ),
    rememberMs: policy.keep.completedMs,
    async receive({ deliveryId, receivedAt, url, headers, body, event, refusal }) {
      const orderKey = isOrdered ? event?.profile : undefined;
      const outcome = await arrivals.store({
        deliveryId,
        receivedAt,
        url,
        headers: storedHeaders(headers),
        body,
        event,
        orderKey,
        refusal: refusal && describeRefusal(refusal),
      });
      if (refusal !== undefined && outcome === "stored") void tellDiscarded(deliveryId);
      return outcome;
    },
    work(process, { timeoutMs }) {
      checkOpen();
      if (worker !== undefined) throw new InvalidOptionError("This inbox has a handler; make one for each handler.");
      leaseMs = settings.leaseMs ?? Math.min(timeoutMs + LEASE_MARGIN_MS, MAX_TIMER_MS);
      const tell = (deliveryId: string): void => void tellDiscarded(deliveryId);
      worker = createWorker({ store, process, concurrency, leaseMs, isWorking, onDiscarded: tell, warn });
      worker.wake();
    },
    async drain() {
      checkOpen();
      if (worker === undefined) throw new InvalidOptionError("This inbox has no handler that could work through it.");
      await arrivals.whenEmpty();
      await worker.drain();
    },
    stop(options = {}) {
      const graceMs = readGrace(options);
      stopping ??= stop(graceMs);
      return stopping;
    },
    connect: (handler) => connectInbox(inbox, handler),
  };
  return inbox;
}

/** Lets a process end that has nothing to do but to wait for this timer, on the runtimes whose timers can. */
function letProcessEnd(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.(); // nothing but an optional property
}

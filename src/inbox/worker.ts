import { MAX_TIMER_MS } from "../options/readers.ts";
import type { Refusal, StoredDelivery } from "./delivery.ts";
import { describeError, describeRefusal, isDiscard } from "./errors.ts";
import type { Exchange, InboxStore, Settlement, TakenDelivery } from "./store.ts";
import { atEndOfTurn } from "./turn.ts";

/** What those who process a delivery get beside it. */
export interface Attempt {
  /** Which attempt it is since the delivery came in or was replayed, from 1. */
  readonly attempt: number;
  /** Aborted once the attempt counts as failed, or the inbox stops: stop what you do. */
  readonly signal: AbortSignal;
}

/**
 * Processes a delivery. If it throws or rejects, the delivery is tried again, unless that was a `DiscardError`. What it
 * resolves to says why the delivery can't be processed as it is, however often it is tried: it is discarded then.
 */
export type Process = (delivery: StoredDelivery, attempt: Attempt) => Promise<Refusal | undefined>;

/** What works through an inbox. */
export interface Worker {
  /** Says that deliveries may be due. */
  readonly wake: () => void;
  /** Says that deliveries came in, and how many at once. */
  readonly yieldToArrivals: (arrivals: number) => void;
  /** Works until nothing is due. */
  readonly drain: () => Promise<void>;
  /** Stops, after what is running has ended; aborts what takes longer. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** What a worker needs. */
export interface WorkerSettings {
  readonly store: Pick<InboxStore, "exchange" | "pollMs">;
  readonly process: Process;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Whether it works by itself, or only to drain. */
  readonly isWorking: boolean;
  readonly onDiscarded: (deliveryId: string) => void;
  readonly warn: (message: string, cause?: unknown) => void;
}

/** How long to wait before a store that failed is tried again, in milliseconds. */
const STORE_RETRY_MS = 500;

/**
 * How long work waits while deliveries come in, in milliseconds: for each that came in at once, as the more there are, the more
 * calls wait. For half that time after the last ones, others are thought to follow.
 */
const YIELD_MS = { least: 10, most: 40, eachArrival: 1 } as const;

/** How long callbacks that were aborted may take to end, in milliseconds. */
const ABORT_GRACE_MS = 1_000;

/** Makes what works through an inbox: takes what is due, up to `concurrency`, has it processed and settles it. */
export function createWorker(settings: WorkerSettings): Worker {
  const { store, process, concurrency, leaseMs, isWorking, onDiscarded, warn } = settings;
  /** What is being processed, the one that began first first, as a Map keeps it. */
  const running = new Map<TakenDelivery, RunningAttempt>();
  let settlements: Settlement[] = [];
  let state: "idle" | "scheduled" | "exchanging" = "idle";
  let isWanted = false;
  let isStopping = false;
  let isStopped = false;
  let hasFailed = false;
  let exchangedAt = 0;
  let arrivedAt = Number.NEGATIVE_INFINITY;
  let yieldMs: number = YIELD_MS.least;
  let pollTimer: ReturnType<typeof setTimeout> | undefined;
  let leaseTimer: ReturnType<typeof setTimeout> | undefined;
  let drains: Drain[] = [];
  let onIdle: (() => void)[] = [];

  function wake(): void {
    if (state !== "idle") {
      isWanted = true;
      return;
    }
    state = "scheduled";
    clearTimeout(pollTimer);
    const now = performance.now();
    // Receiving goes first: a call waits for its answer, a stored delivery for nobody.
    const mayWait = now - arrivedAt < yieldMs / 2 && now - exchangedAt < yieldMs && drains.length === 0;
    if (mayWait) setTimeout(exchange, yieldMs);
    else atEndOfTurn(exchange);
  }

  async function exchange(): Promise<void> {
    if (isStopped) return;
    state = "exchanging";
    isWanted = false;
    const ended = settlements;
    settlements = [];
    const isTaking = !isStopping && (isWorking || drains.length > 0);
    const limit = isTaking ? concurrency - running.size : 0;
    let pollMs: number | undefined;
    if (ended.length > 0 || limit > 0) {
      try {
        const exchanged = await store.exchange(ended, limit, leaseMs);
        hasFailed = false;
        begin(ended, exchanged);
        // A store that took nothing, and has something due, has only looked at what waits for its turn before that.
        const isEmpty = limit > 0 && exchanged.taken.length === 0 && exchanged.nextDueMs !== 0;
        if (exchanged.taken.length > 0 && exchanged.taken.length === limit) isWanted ||= running.size < concurrency;
        if (isEmpty && running.size === 0 && settlements.length === 0 && !isWanted) finishDrains();
        pollMs = Math.min(store.pollMs ?? MAX_TIMER_MS, exchanged.nextDueMs ?? MAX_TIMER_MS);
      } catch (cause) {
        settlements = [...ended, ...settlements];
        if (!hasFailed && !isStopped) warn("The inbox's store failed; it is tried again until it works.", cause);
        hasFailed = true;
        for (const { reject } of drains.splice(0)) reject(cause);
        pollMs = STORE_RETRY_MS;
      }
    }
    exchangedAt = performance.now();
    state = "idle";
    if (running.size === 0 && settlements.length === 0) for (const resolve of onIdle.splice(0)) resolve();
    if (isStopped) return;
    if (!hasFailed && (isWanted || settlements.length > 0)) wake();
    else if (
      hasFailed ? isTaking || settlements.length > 0 : isTaking && pollMs !== undefined && pollMs < MAX_TIMER_MS
    ) {
      pollTimer = setTimeout(wake, pollMs);
    }
  }

  function begin(ended: readonly Settlement[], { settled, taken }: Exchange): void {
    for (const [index, { taken: attempt }] of ended.entries()) {
      if (settled[index] === "discarded") onDiscarded(attempt.delivery.deliveryId);
    }
    for (const delivery of taken) void run(delivery);
  }

  async function run(taken: TakenDelivery): Promise<void> {
    const attempt = new RunningAttempt(taken.attempt);
    running.set(taken, attempt);
    leaseTimer ??= setTimeout(endLeases, leaseMs);
    let settlement: Settlement = { taken };
    try {
      const refusal = await process(taken.delivery, attempt);
      if (refusal !== undefined) {
        settlement = { taken, failure: { message: describeRefusal(refusal), isFinal: true } };
      }
    } catch (thrown) {
      settlement = { taken, failure: { message: describeError(thrown), isFinal: isDiscard(thrown) } };
    }
    settle(settlement);
  }

  function settle(settlement: Settlement): void {
    if (!running.delete(settlement.taken)) return; // it has outlived its lease, and has been settled for that
    settlements.push(settlement);
    wake();
  }

  function endLeases(): void {
    leaseTimer = undefined;
    const now = performance.now();
    for (const [taken, attempt] of running) {
      const leftMs = attempt.beganAt + leaseMs - now;
      if (leftMs > 0) {
        leaseTimer = setTimeout(endLeases, Math.ceil(leftMs));
        return;
      }
      const message = `The attempt took longer than its lease of ${leaseMs} ms.`;
      settle({ taken, failure: { message, isFinal: false } });
      attempt.abort(new DOMException(message, "TimeoutError"));
    }
  }

  function finishDrains(): void {
    for (const { resolve } of drains.splice(0)) resolve();
  }

  return {
    wake() {
      if (isWorking || drains.length > 0) wake();
    },
    yieldToArrivals(arrivals) {
      arrivedAt = performance.now();
      yieldMs = Math.min(YIELD_MS.most, Math.max(YIELD_MS.least, arrivals * YIELD_MS.eachArrival));
    },
    drain() {
      if (isStopping) return Promise.resolve();
      return new Promise((resolve, reject) => {
        drains = [...drains, { resolve, reject }];
        wake();
      });
    },
    async stop(graceMs) {
      isStopping = true;
      finishDrains();
      const whenIdle = new Promise<void>((resolve) => {
        onIdle = [...onIdle, resolve];
      });
      wake();
      await within(whenIdle, graceMs);
      if (running.size > 0) {
        const reason = new DOMException("The inbox stops.", "AbortError");
        for (const attempt of running.values()) attempt.abort(reason);
        await within(whenIdle, ABORT_GRACE_MS);
      }
      isStopped = true;
      running.clear();
      clearTimeout(pollTimer);
      clearTimeout(leaseTimer);
    },
  };
}

interface Drain {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** An attempt that is being made. Makes a signal only for those who ask for it: it takes longer than most callbacks. */
class RunningAttempt implements Attempt {
  readonly attempt: number;
  readonly beganAt: number = performance.now();
  #controller: AbortController | undefined;

  constructor(attempt: number) {
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}

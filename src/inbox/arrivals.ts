import { InboxUnavailableError } from "./errors.ts";
import type { AddOutcome, InboxStore, NewDelivery } from "./store.ts";
import { atEndOfTurn } from "./turn.ts";

/** The most deliveries that are stored at once. */
const MAX_BATCH_LENGTH = 256;

/** From how many bytes of bodies on no delivery is added to those that are stored at once. */
const MAX_BATCH_BYTES: number = 4 * 1_024 * 1_024;

/** From how many bytes of bodies on that wait to be stored another one is refused. */
const MAX_WAITING_BYTES: number = 64 * 1_024 * 1_024;

/** Where deliveries wait until they are stored. */
export interface Arrivals {
  /** Has a delivery stored; resolves once it is. */
  readonly store: (delivery: NewDelivery) => Promise<AddOutcome>;
  /** Resolves once nothing waits. */
  readonly whenEmpty: () => Promise<void>;
  /** Refuses what comes from now on. */
  readonly close: () => void;
}

interface Arrival {
  readonly delivery: NewDelivery;
  readonly resolve: (outcome: AddOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes the place where deliveries wait: what arrives in one turn of the event loop, or while others are being stored, is
 * stored together, as a disk syncs a hundred deliveries as fast as one.
 */
export function createArrivals(add: InboxStore["add"], onStored: (deliveries: number) => void): Arrivals {
  let waiting: Arrival[] = [];
  let waitingBytes = 0;
  let isStoring = false;
  let isClosed = false;
  let onEmpty: (() => void)[] = [];

  async function storeBatch(): Promise<void> {
    const batch = nextBatch(waiting);
    waiting = waiting.slice(batch.length);
    try {
      const outcomes = await add(batch.map(({ delivery }) => delivery));
      for (const [index, { delivery, resolve, reject }] of batch.entries()) {
        waitingBytes -= delivery.body.length;
        const outcome = outcomes[index];
        if (outcome === undefined)
          reject(new InboxUnavailableError("The store does not say what became of a delivery."));
        else resolve(outcome);
      }
      onStored(batch.length);
    } catch (error) {
      // Those that came meanwhile have waited for the same store: the way out for all of them is to run their callbacks now.
      for (const { reject } of [...batch, ...waiting]) reject(error);
      waiting = [];
      waitingBytes = 0;
    }
    if (waiting.length > 0) {
      atEndOfTurn(storeBatch);
      return;
    }
    isStoring = false;
    for (const resolve of onEmpty.splice(0)) resolve();
  }

  return {
    store(delivery) {
      if (isClosed) return Promise.reject(new InboxUnavailableError("The inbox is stopped."));
      if (waitingBytes >= MAX_WAITING_BYTES) {
        return Promise.reject(
          new InboxUnavailableError("Too many deliveries wait to be stored; the store is too slow."),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({ delivery, resolve, reject });
        waitingBytes += delivery.body.length;
        if (isStoring) return;
        isStoring = true;
        atEndOfTurn(storeBatch);
      });
    },
    async whenEmpty() {
      if (!isStoring) return;
      await new Promise<void>((resolve) => {
        onEmpty = [...onEmpty, resolve];
      });
    },
    close() {
      isClosed = true;
    },
  };
}

function nextBatch(waiting: Arrival[]): Arrival[] {
  let bytes = 0;
  let length = 0;
  for (const { delivery } of waiting) {
    if (length === MAX_BATCH_LENGTH || bytes >= MAX_BATCH_BYTES) break;
    bytes += delivery.body.length;
    length += 1;
  }
  return waiting.slice(0, length);
}

import type { DeliveryFilter, DeliveryPage, DeliveryRecord, InboxStats, Paging } from "./delivery.ts";
import { InboxUnavailableError } from "./errors.ts";
import { readFilter, readListing } from "./options.ts";
import type { InboxStore } from "./store.ts";

/** What can be looked at and done by hand in an inbox, also beside the processes that receive into it and work through it. */
export interface InspectedInbox {
  /** How many deliveries there are in each state. Takes no longer for a full inbox. */
  readonly stats: () => Promise<InboxStats>;
  /** Lists deliveries, the one that came in last first. */
  readonly list: (filter?: DeliveryFilter & Paging) => Promise<DeliveryPage>;
  /** All that is known of a delivery, the errors of its attempts included; undefined if it is not there. */
  readonly get: (deliveryId: string) => Promise<DeliveryRecord | undefined>;
  /**
   * Has deliveries processed again, with all their attempts before them: those that are completed or discarded, or wait for
   * their next attempt.
   *
   * @param deliveries The id of one; or a filter, which means discarded ones if it names no state.
   * @returns How many are.
   */
  readonly replay: (deliveries: string | DeliveryFilter) => Promise<number>;
  /**
   * Gives up a delivery that is not completed, discarded or running.
   *
   * @returns Whether it was given up.
   */
  readonly discard: (deliveryId: string) => Promise<boolean>;
  /** Closes it. */
  readonly stop: () => Promise<void>;
}

/** The part of a store that is looked at and changed by hand. */
export type InspectedStore = Pick<InboxStore, "stats" | "list" | "get" | "replay" | "discard" | "close">;

/** How many deliveries of a filter are replayed at once. */
const REPLAYED_AT_ONCE = 200;

/** Makes what looks at a store that is there already, and neither receives into it, works through it nor sweeps it. */
export function createInspectedInbox(store: InspectedStore): InspectedInbox {
  let stopping: Promise<void> | undefined;
  return {
    ...inspectStore(store, () => stopping !== undefined),
    async stop() {
      stopping ??= Promise.resolve(store.close());
      await stopping;
    },
  };
}

/**
 * Makes what looks at a store and changes it by hand.
 *
 * @param onChange Called after a change: other deliveries may be due.
 */
export function inspectStore(
  store: Omit<InspectedStore, "close">,
  isStopped: () => boolean,
  onChange: () => void = () => {},
): Omit<InspectedInbox, "stop"> {
  function checkOpen(): void {
    if (isStopped()) throw new InboxUnavailableError("The inbox is stopped.");
  }

  return {
    async stats() {
      checkOpen();
      return await store.stats();
    },
    async list(options = {}) {
      checkOpen();
      const { limit, cursor, ...filter } = readListing(options);
      return await store.list(filter, limit, cursor);
    },
    async get(deliveryId) {
      checkOpen();
      return await store.get(deliveryId);
    },
    async replay(deliveries) {
      checkOpen();
      let replayed = 0;
      if (typeof deliveries === "string") replayed = await store.replay([deliveries]);
      else {
        const { state = "discarded", ...others } = readFilter("inbox.replay", deliveries);
        const filter: DeliveryFilter = { ...others, state };
        let cursor: string | undefined;
        do {
          const page = await store.list(filter, REPLAYED_AT_ONCE, cursor);
          replayed += await store.replay(page.deliveries.map(({ deliveryId }) => deliveryId));
          cursor = page.cursor;
        } while (cursor !== undefined);
      }
      onChange();
      return replayed;
    },
    async discard(deliveryId) {
      checkOpen();
      const isDiscarded = await store.discard(deliveryId);
      onChange(); // the next delivery of its profile may be due now
      return isDiscarded;
    },
  };
}

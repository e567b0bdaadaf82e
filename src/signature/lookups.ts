import { withTimeout } from "../timeout.ts";
import { toKeyError } from "./dns.ts";
import type { VerificationError } from "./error.ts";

/** How many look-ups may be under way at once. */
const MAX_LOOKUPS = 8;

/** How many of them are left to names that verified before, however many others are asked for. */
const RESERVED_LOOKUPS = 2;

/** How long DNS has to answer. */
const LOOKUP_TIMEOUT_MS = 5_000;

/** How many names may wait for their turn, and how long: if each takes 0.15 s, all of them have it in that time. */
const MAX_WAITING_NAMES = 1_024;
const MAX_WAIT_MS = 25_000;

/** How long the query of a resolver that heeds no signal counts; for ever, a few would keep all other keys out. */
const MAX_UNHEEDING_MS = 60_000;

/** How long after its time a look-up is taken for lost: that of a Worker never settles when its client goes away. */
const LOST_AFTER_MS = 1_000;

/** A place among the look-ups under way, or in the queue for one. */
interface Place {
  /** When it is given to another, in milliseconds since 1970. */
  lostAt: number;
}

/** What waits for a place, in order, each with what lets it in. */
type Queue = Map<Place, () => void>;

/** A look-up that all who ask for its name share. */
interface Shared<Found> {
  readonly place: Place;
  readonly found: Promise<Found>;
}

/** Looks names up within bounds. */
export interface Lookups<Found> {
  /** Whether a look-up of the name is under way, or waits for its turn. */
  readonly has: (name: string) => boolean;
  /** Looks a name up, or waits for the look-up under way. Rejects with `key_unavailable` if time is over or too many wait. */
  readonly lookUp: (name: string, isVerified: boolean) => Promise<Found>;
}

/**
 * Bounds look-ups: one at a time for each name, shared by all who ask; few at once, the others in a queue; none for longer than
 * 5 seconds. Names that verified before go first.
 *
 * @param lookUpNow Looks a name up. Its signal is aborted when the time is over; it keeps its place until it settles.
 * @param clock The current time, in milliseconds since 1970.
 */
export function limitLookups<Found>(
  lookUpNow: (name: string, signal: AbortSignal) => Promise<Found>,
  clock: () => number,
): Lookups<Found> {
  const shared = new Map<string, Shared<Found>>();
  const underWay = new Set<Place>();
  const verifiedQueue: Queue = new Map();
  const otherQueue: Queue = new Map();

  async function lookUpInTurn(name: string, place: Place, queue: Queue): Promise<Found> {
    const admitted = new Promise<void>((admit) => queue.set(place, admit));
    admitNext();
    await withTimeout(admitted, MAX_WAIT_MS, () => {
      queue.delete(place);
      return tooMany();
    });
    const controller = new AbortController();
    const found = lookUpNow(name, controller.signal);
    const leave = (): void => {
      underWay.delete(place);
      admitNext();
    };
    found.then(leave, leave);
    return await withTimeout(found, LOOKUP_TIMEOUT_MS, () => {
      place.lostAt = clock() + MAX_UNHEEDING_MS;
      const error = timeUp();
      controller.abort(error);
      return error;
    });
  }

  function admitNext(): void {
    const now = clock();
    for (const [name, { place }] of shared) if (now >= place.lostAt) shared.delete(name);
    for (const places of [underWay, verifiedQueue, otherQueue]) {
      for (const place of places.keys()) if (now >= place.lostAt) places.delete(place);
    }
    for (const queue of [verifiedQueue, otherQueue]) {
      for (const [place, admit] of queue) {
        if (underWay.size >= MAX_LOOKUPS - (queue === otherQueue ? RESERVED_LOOKUPS : 0)) break;
        queue.delete(place);
        underWay.add(place);
        place.lostAt = now + LOOKUP_TIMEOUT_MS + LOST_AFTER_MS;
        admit();
      }
    }
  }

  function begin(name: string, queue: Queue): Shared<Found> {
    const place = { lostAt: clock() + MAX_WAIT_MS + LOST_AFTER_MS };
    const lookup = { place, found: lookUpInTurn(name, place, queue) };
    const forget = (): void => {
      if (shared.get(name) === lookup) shared.delete(name);
    };
    lookup.found.then(forget, forget);
    shared.set(name, lookup);
    return lookup;
  }

  function find(name: string): Shared<Found> | undefined {
    const lookup = shared.get(name);
    return lookup !== undefined && clock() < lookup.place.lostAt ? lookup : undefined;
  }

  return {
    has: (name) => find(name) !== undefined,
    async lookUp(name, isVerified) {
      const queue = isVerified ? verifiedQueue : otherQueue;
      const known = find(name);
      if (known === undefined && queue.size >= MAX_WAITING_NAMES) throw tooMany();
      const { found, place } = known ?? begin(name, queue);
      return await withTimeout(found, place.lostAt - clock(), timeUp);
    },
  };
}

function timeUp(): Error {
  return toKeyError(new Error(`DNS did not answer within ${LOOKUP_TIMEOUT_MS} ms.`));
}

/** The error of a call that finds too many before it. */
export function tooMany(): VerificationError {
  return toKeyError(new Error("Too many calls wait for keys."));
}

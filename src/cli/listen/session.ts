import type { Attempt, ReceivedCall } from "./received.ts";

/** How many calls are kept to be looked at and replayed; the oldest are forgotten first. */
const MAX_KEPT_CALLS = 10_000;

/** How much the calls that are kept, and the app's answers to them, may take together, in bytes. */
const MAX_KEPT_BYTES = 256 * 1_024 * 1_024;

/** Is told of calls. */
type Watcher = (received: ReceivedCall, what: "came" | "attempted") => void;

/** The calls of a session that are still known. */
export interface Session {
  /** The number of the next call. */
  readonly nextNumber: () => number;
  /** Keeps a call, or what has become of it, and tells of that. */
  readonly keep: (received: ReceivedCall, what?: "came" | "attempted") => void;
  /** Adds an attempt to a call, unless that was so long ago that it is forgotten. */
  readonly addAttempt: (number: number, attempt: Attempt) => void;
  /** The calls that are kept, oldest first. */
  readonly calls: () => Iterable<ReceivedCall>;
  /** The call of a number, if it is kept; without a number, the last one. */
  readonly find: (number?: number) => ReceivedCall | undefined;
  /** Tells of each call, and of each attempt after that to hand it to the app. Returns what ends that. */
  readonly watch: (watcher: Watcher) => () => void;
}

/** Starts a session without calls. */
export function createSession(): Session {
  const kept = new Map<number, ReceivedCall>();
  const watchers = new Set<Watcher>();
  let keptBytes = 0;
  let lastNumber = 0;

  function keep(received: ReceivedCall, what: "came" | "attempted" = "came"): void {
    keptBytes += sizeOf(received) - sizeOf(kept.get(received.number));
    kept.set(received.number, received);
    for (const [number, oldest] of kept) {
      if (kept.size <= MAX_KEPT_CALLS && keptBytes <= MAX_KEPT_BYTES) break;
      kept.delete(number);
      keptBytes -= sizeOf(oldest);
    }
    for (const watcher of watchers) watcher(received, what);
  }

  return {
    nextNumber() {
      lastNumber += 1;
      return lastNumber;
    },
    keep,
    addAttempt(number, attempt) {
      const received = kept.get(number);
      if (received === undefined) return;
      keep({ ...received, attempts: [...received.attempts, attempt], isWaiting: false }, "attempted");
    },
    calls: () => kept.values(),
    find: (number) => (number === undefined ? [...kept.values()].at(-1) : kept.get(number)),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** What a call takes in memory, in bytes, without what is the same for all. */
function sizeOf(received: ReceivedCall | undefined): number {
  if (received === undefined) return 0;
  const answers = received.attempts.reduce((bytes, { answer }) => bytes + answer.body.byteLength, 0);
  return received.call.body.byteLength + answers;
}

import type { InboxPolicy, InboxStore, NewDelivery, SettledState, TakenDelivery } from "../store.ts";

/** A test of a store. */
export interface StoreCase {
  readonly title: string;
  /** What its policy has that others have not. */
  readonly policy?: Partial<InboxPolicy>;
  /** Whether it sets the clock of the process. */
  readonly setsClock?: boolean;
  readonly run: (store: InboxStore) => Promise<void>;
}

/**
 * How long the first wait is after a failure if its test does not say, in milliseconds: long enough for a slow store on a busy
 * machine to be asked meanwhile what is due.
 */
export const FIRST_WAIT_MS = 1_000;

/** How long the leases of tests are that none runs out of, in milliseconds. */
const LONG_LEASE_MS = 60_000;

/** A delivery of a test. */
export function delivery(deliveryId: string, differences: Partial<NewDelivery> = {}): NewDelivery {
  return {
    deliveryId,
    receivedAt: new Date(),
    url: "https://example.com/webhooks/copernica",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode(`id=${deliveryId}`),
    ...differences,
  };
}

/** A delivery of a profile, which keeps the order of its deliveries. */
export function ofProfile(profile: number, deliveryId: string, differences: Partial<NewDelivery> = {}): NewDelivery {
  return delivery(deliveryId, { orderKey: profile, event: { name: "profile.update", profile }, ...differences });
}

/** Takes what is due. */
export async function take(store: InboxStore, limit = 100, leaseMs: number = LONG_LEASE_MS): Promise<TakenDelivery[]> {
  return [...(await store.exchange([], limit, leaseMs)).taken];
}

/** Takes the only delivery that is due. */
export async function takeOne(store: InboxStore, leaseMs?: number): Promise<TakenDelivery> {
  const [taken, ...others] = await take(store, 100, leaseMs);
  if (taken === undefined || others.length > 0) {
    throw new Error(`One delivery should be due, not ${taken === undefined ? 0 : others.length + 1}.`);
  }
  return taken;
}

/** Settles an attempt that succeeded. */
export async function complete(store: InboxStore, taken: TakenDelivery): Promise<SettledState | undefined> {
  return (await store.exchange([{ taken }], 0, LONG_LEASE_MS)).settled[0];
}

/** Settles an attempt that failed. */
export async function fail(
  store: InboxStore,
  taken: TakenDelivery,
  { message = "It failed.", isFinal = false }: { readonly message?: string; readonly isFinal?: boolean } = {},
): Promise<SettledState | undefined> {
  return (await store.exchange([{ taken, failure: { message, isFinal } }], 0, LONG_LEASE_MS)).settled[0];
}

/** The ids of deliveries. */
export function idsOf(taken: readonly TakenDelivery[]): string[] {
  return taken.map(({ delivery: { deliveryId } }) => deliveryId);
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Sweeps until something is so. */
export async function sweepUntil(store: InboxStore, isSo: () => Promise<boolean>): Promise<void> {
  for (let sweeps = 0; sweeps < 500; sweeps += 1) {
    await store.sweep();
    if (await isSo()) return;
    await pause(10);
  }
  throw new Error("However often it is swept, nothing comes of it.");
}

/** Checks that two values are the same, in all their parts. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [actualText, expectedText] = [text(actual), text(expected)];
  if (actualText !== expectedText) throw new Error(`${what}: expected ${expectedText}, got ${actualText}.`);
}

/** A value in words that are the same for the same values. What is undefined is not there. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return { bytes: [...part] };
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

import { ACCOUNT } from "./deliveries.js";

/** The build that is measured: this one, or that of another commit. */
const { createMemoryDeliveryStore, createWebhookHandler } = await import(
  process.env.BENCH_BUILD ?? "../../dist/index.js"
);

export let seen = 0;

const callbacks = {
  onProfileCreate(event) {
    seen += event.profile;
  },
  // What asks whether a server listens is refused, and so is what the load tool cuts off; all else shows in its status.
  onError() {},
};

export function createUnsigned() {
  return createWebhookHandler({ ...callbacks, verify: false });
}

/** A handler that takes all deliveries of a fixture, over and over: each is new again once all came. */
export function createSigned({ keyId, records, sentAt, deliveries }) {
  let store = createMemoryDeliveryStore();
  let claims = 0;
  return createWebhookHandler({
    ...callbacks,
    account: ACCOUNT,
    verify: { clock: () => sentAt, resolveTxt: async (name) => (name === keyId ? records : []) },
    deliveries: {
      claim(id, ttl) {
        claims += 1;
        if (claims % deliveries.length === 1) store = createMemoryDeliveryStore();
        return store.claim(id, ttl);
      },
      complete: (id, ttl) => store.complete(id, ttl),
      release: (id) => store.release(id),
    },
  });
}

export function sdkUnsigned() {
  return { handle: createUnsigned() };
}

export function sdkSigned(fixture) {
  return { handle: createSigned(fixture) };
}

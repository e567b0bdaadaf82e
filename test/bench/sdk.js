import { createMemoryDeliveryStore, createWebhookHandler } from "../../dist/index.js";
import { ACCOUNT } from "./deliveries.js";

export let seen = 0;

const callbacks = {
  onProfileCreate(event) {
    seen += event.profile;
  },
};

export function sdkUnsigned() {
  return { handle: createWebhookHandler({ ...callbacks, onWarning() {} }) };
}

export function sdkSigned({ keyId, records, sentAt }) {
  let store = createMemoryDeliveryStore();
  const handle = createWebhookHandler({
    ...callbacks,
    account: ACCOUNT,
    verify: { clock: () => sentAt, resolveTxt: async (name) => (name === keyId ? records : []) },
    deliveries: {
      claim: (id, ttl) => store.claim(id, ttl),
      complete: (id, ttl) => store.complete(id, ttl),
      release: (id) => store.release(id),
    },
  });
  /** The same deliveries come again and again: let each be new. */
  const forget = () => {
    store = createMemoryDeliveryStore();
  };
  return { handle, forget };
}

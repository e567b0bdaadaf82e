/**
 * A receiver on Workers that loses nothing: a Durable Object stores each call that it verified in its SQLite, answers 200 once
 * that is on disk, and runs the callbacks in alarms, also after it was evicted or restarted by a deploy.
 *
 * Cloudflare lets one object take about 1,000 calls a second; if you have more, have one for each account. It is billed until
 * it is evicted, one or two minutes after its last call or alarm: the timers of its inbox keep it from hibernating.
 *
 * INBOX, COPERNICA_ACCOUNT and CRM_URL are bindings, and WebhookInbox is one of `new_sqlite_classes`, in its wrangler.json.
 */
import { DurableObject, env } from "cloudflare:workers";
import { createWebhookHandler } from "copernica-webhooks";
import { createInbox, type DeliveryFilter, DiscardError, type InboxStats } from "copernica-webhooks/inbox";
import { openDurableObjectStore } from "./inbox-durable-object-store.ts";

/** How long an alarm works at most, in milliseconds: it may take 15 minutes. If more is due, the next one follows at once. */
const ALARM_MS = 10 * 60_000;

/** The most bytes that the store may use: an object holds 10 GB in all. */
const MAX_BYTES = 9_000_000_000;

export class WebhookInbox extends DurableObject {
  readonly #inbox = createInbox((policy) => openDurableObjectStore(this.ctx.storage, policy), {
    work: false, // alarms do it: outside of one, the object may be evicted in the middle of a callback
    maxBytes: MAX_BYTES,
  });

  readonly #handler = createWebhookHandler({
    account: env.COPERNICA_ACCOUNT, // account_1234
    path: "/webhooks/copernica",
    inbox: this.#inbox,
    async onProfileCreate(event, { deliveryId, signal }) {
      const response = await fetch(`${env.CRM_URL}/contacts`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": deliveryId },
        body: JSON.stringify(event.fields),
        signal,
      });
      if (response.status === 422) throw new DiscardError(`The CRM refuses profile ${event.profile}.`);
      if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // it is tried again
    },
  });

  fetch(request: Request): Promise<Response> {
    return this.#handler(request);
  }

  /** Works through all that is due. The store sets the alarms. */
  alarm(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ALARM_MS);
      this.#inbox
        .drain()
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  /** For a page of your own, which calls `env.INBOX.getByName("copernica").stats()`. */
  stats(): Promise<InboxStats> {
    return this.#inbox.stats();
  }

  /** For a page of your own, too. */
  replay(deliveries: string | DeliveryFilter): Promise<number> {
    return this.#inbox.replay(deliveries);
  }
}

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await env.INBOX.getByName("copernica").fetch(request.clone());
    } catch (error) {
      console.warn("The object failed, as it does when it is restarted. It is given the call again:", error);
      return await env.INBOX.getByName("copernica").fetch(request);
    }
  },
};

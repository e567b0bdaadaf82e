import { DurableObject } from "cloudflare:workers";
import { createWebhookHandler } from "copernica-webhooks";
import { createInbox, type DeliveryRecord } from "copernica-webhooks/inbox";
import { testInboxStore } from "copernica-webhooks/testing";
import worker, { WebhookInbox } from "../../examples/inbox-durable-object.ts";
import { openDurableObjectStore } from "../../examples/inbox-durable-object-store.ts";

/** What a test can ask of this Worker, by path; each name is that of an object of its own. */
interface Env {
  readonly CONTRACT: { getByName(name: string): { run(title: string): Promise<void> } };
  readonly OPEN: { getByName(name: string): { fetch(request: Request): Promise<Response>; look(): Promise<Looked> } };
}

/** What is seen of an inbox that anybody may send to. */
export interface Looked {
  /** Its only delivery. */
  readonly delivery: DeliveryRecord | undefined;
  /** Which attempts the callback was called for, since the object was restarted. */
  readonly attempts: readonly number[];
}

/** An object in which one test of the contract is run. */
export class ContractObject extends DurableObject {
  async run(title: string): Promise<void> {
    const tests = new Map<string, () => Promise<void>>();
    const openStore: Parameters<typeof testInboxStore>[0]["openStore"] = (policy) =>
      openDurableObjectStore(this.ctx.storage, policy);
    testInboxStore({ test: (title, run) => tests.set(title, run), openStore, reopenStore: openStore });
    const run = tests.get(title);
    if (run === undefined) throw new Error(`There is no test of the contract "${title}".`);
    await run();
  }

  alarm(): void {} // the store sets it; the tests take what is due themselves
}

/** An inbox that anybody may send to, and whose callback may bring its object down. */
export class OpenInbox extends DurableObject {
  readonly #attempts: number[] = [];

  readonly #inbox = createInbox((policy) => openDurableObjectStore(this.ctx.storage, policy), {
    work: false,
    attempts: 2,
    backoff: { firstMs: 0 },
    onWarning() {},
  });

  readonly #handler = createWebhookHandler({
    verify: false,
    inbox: this.#inbox,
    maxBodyBytes: 4_000_000,
    onProfileCreate: ({ fields }, { attempt }) => {
      this.#attempts.push(attempt);
      if (fields.email === "poison@example.com") this.ctx.abort("The callback brings the object down.");
    },
    onError() {},
    onWarning() {},
  });

  fetch(request: Request): Promise<Response> {
    return this.#handler(request);
  }

  async alarm(): Promise<void> {
    await this.#inbox.drain();
  }

  async look(): Promise<Looked> {
    const [first] = (await this.#inbox.list()).deliveries;
    return { delivery: first && (await this.#inbox.get(first.deliveryId)), attempts: this.#attempts };
  }
}

let isRestarted = false;

/** The example, whose object is restarted while it takes its first call, as a deploy does. */
export class RestartedInbox extends WebhookInbox {
  override fetch(request: Request): Promise<Response> {
    if (!isRestarted) {
      isRestarted = true;
      this.ctx.abort("The object is restarted.");
    }
    return super.fetch(request);
  }
}

export { WebhookInbox };

export default {
  async fetch(request: Request, { CONTRACT, OPEN }: Env): Promise<Response> {
    const [, room, name = ""] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    if (room === "contract") {
      await CONTRACT.getByName(name).run(name);
      return new Response("passed");
    }
    if (room === "open" && request.method === "POST") return await OPEN.getByName(name).fetch(request);
    if (room === "open") return Response.json(await OPEN.getByName(name).look());
    return await worker.fetch(request);
  },
};

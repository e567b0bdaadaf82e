/**
 * Several processes that share their store of deliveries on Redis: `npx tsx examples/redis.ts`, from Node 22.18 on
 * `node examples/redis.ts`
 */
import { createServer } from "node:http";
import { createWebhookHandler, type DeliveryStore } from "copernica-webhooks";
import { toNodeHandler } from "copernica-webhooks/node";
import { createClient } from "redis";

// Without a queue for commands, one fails at once while Redis is away: the answer is 503, and onError gets the event.
const redis = createClient({ url: process.env.REDIS_URL ?? "redis://localhost", disableOfflineQueue: true });
await redis.on("error", console.error).connect();

const key = (deliveryId: string) => `copernica:${deliveryId}`;
const forAtMost = (milliseconds: number) => ({ expiration: { type: "PX", value: milliseconds } }) as const;
const deliveries: DeliveryStore = {
  async claim(deliveryId, ttlMs) {
    if (await redis.set(key(deliveryId), "running", { ...forAtMost(ttlMs), condition: "NX" })) return "claimed";
    return (await redis.get(key(deliveryId))) === "done" ? "done" : "running";
  },
  async complete(deliveryId, ttlMs) {
    await redis.set(key(deliveryId), "done", forAtMost(ttlMs));
  },
  async release(deliveryId) {
    await redis.del(key(deliveryId));
  },
};

const handler = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  deliveries,
  async onProfileCreate({ profile, fields }, { signal }) {
    const url = `${process.env.CRM_URL}/profiles/${profile}`;
    const response = await fetch(url, { method: "PUT", body: JSON.stringify(fields), signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  },
});

const server = createServer(toNodeHandler(handler));
server.listen(process.env.PORT ?? 3000, () => console.log("Listening on", server.address()));

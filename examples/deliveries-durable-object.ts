/** A store of deliveries on Workers, a Durable Object for each: bind the class as `DELIVERIES`, give it as `deliveries` */
import { DurableObject, env } from "cloudflare:workers";
import type { ClaimOutcome, DeliveryStore } from "copernica-webhooks";

export class Delivery extends DurableObject {
  async claim(ttlMs: number): Promise<ClaimOutcome> {
    const state = await this.ctx.storage.get("state");
    if (state !== undefined) return state === "done" ? "done" : "running";
    await this.remember("running", ttlMs);
    return "claimed";
  }
  async remember(state: "running" | "done", ttlMs: number): Promise<void> {
    await this.ctx.storage.put("state", state);
    await this.ctx.storage.setAlarm(Date.now() + ttlMs);
  }
  async forget(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
  async alarm(): Promise<void> {
    await this.forget();
  }
}

export const deliveries: DeliveryStore = {
  claim: (deliveryId, ttlMs) => env.DELIVERIES.getByName(deliveryId).claim(ttlMs),
  complete: (deliveryId, ttlMs) => env.DELIVERIES.getByName(deliveryId).remember("done", ttlMs),
  release: (deliveryId) => env.DELIVERIES.getByName(deliveryId).forget(),
};

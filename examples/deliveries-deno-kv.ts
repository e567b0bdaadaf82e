/** A store of deliveries in Deno KV, for several processes: give it as `deliveries`; run Deno with `--unstable-kv` */
import type { DeliveryStore } from "copernica-webhooks";

const kv = await Deno.openKv();
const keyOf = (deliveryId: string) => ["deliveries", deliveryId];

export const deliveries: DeliveryStore = {
  async claim(deliveryId, ttlMs) {
    const entry = await kv.get(keyOf(deliveryId));
    if (entry.value !== null) return entry.value === "done" ? "done" : "running";
    const { ok } = await kv.atomic().check(entry).set(entry.key, "running", { expireIn: ttlMs }).commit();
    return ok ? "claimed" : "running";
  },
  complete: async (deliveryId, ttlMs) => void (await kv.set(keyOf(deliveryId), "done", { expireIn: ttlMs })),
  release: (deliveryId) => kv.delete(keyOf(deliveryId)),
};

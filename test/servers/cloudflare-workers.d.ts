/** What the examples use of Cloudflare's module, and the binding that one of them names. */
declare module "cloudflare:workers" {
  export class DurableObject {
    protected ctx: {
      storage: {
        get(key: string): Promise<unknown>;
        put(key: string, value: unknown): Promise<void>;
        setAlarm(time: number): Promise<void>;
        deleteAll(): Promise<void>;
      };
    };
  }
  export const env: { DELIVERIES: { getByName(name: string): DeliveryStub } };
  interface DeliveryStub {
    claim(ttlMs: number): Promise<"claimed" | "running" | "done">;
    remember(state: "running" | "done", ttlMs: number): Promise<void>;
    forget(): Promise<void>;
  }
}

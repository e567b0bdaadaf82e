/** What the examples use of Cloudflare's module, and the bindings that they name. */
declare module "cloudflare:workers" {
  export class DurableObject {
    protected ctx: { storage: DurableObjectStorage; abort(reason: string): void };
  }
  export const env: {
    DELIVERIES: { getByName(name: string): DeliveryStub };
    INBOX: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
    COPERNICA_ACCOUNT: string;
    CRM_URL: string;
  };
  interface DeliveryStub {
    claim(ttlMs: number): Promise<"claimed" | "running" | "done">;
    remember(state: "running" | "done", ttlMs: number): Promise<void>;
    forget(): Promise<void>;
  }
}

interface DurableObjectStorage {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  setAlarm(time: number): Promise<void>;
  deleteAll(): Promise<void>;
  sync(): Promise<void>;
  transactionSync<Result>(act: () => Result): Result;
  readonly sql: {
    exec<Row extends Record<string, ArrayBuffer | string | number | null>>(
      query: string,
      ...bindings: (ArrayBufferView | string | number | null)[]
    ): Iterable<Row> & { toArray(): Row[]; one(): Row };
    readonly databaseSize: number;
  };
}

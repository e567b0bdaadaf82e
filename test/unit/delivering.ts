import {
  createWebhookHandler,
  type DeliveryStore,
  type WebhookHandler,
  type WebhookSettings,
} from "../../src/index.ts";
import { createSigner, NOW } from "../fixtures/signer.ts";

export const signer = await createSigner();

/** A receiver, what its callback does, and what happened. */
export class World {
  /** How often the callback ran. */
  runs = 0;
  now = NOW;
  readonly deliveries: (string | undefined)[] = [];
  readonly warnings: unknown[][] = [];
  readonly errors: unknown[] = [];
  /** What the callback does. */
  work: () => unknown = () => {};
  readonly handler: WebhookHandler;

  constructor({ verify, ...settings }: WebhookSettings = {}) {
    this.handler = createWebhookHandler({
      account: 1234,
      verify: { resolveTxt: async () => [[signer.record]], clock: () => this.now, ...verify },
      onProfileDelete: async (_, context) => {
        this.runs += 1;
        this.deliveries.push(context.deliveryId);
        await this.work();
      },
      onWarning: (...warning) => this.warnings.push(warning),
      onError: (error) => this.errors.push(error),
      ...settings,
    });
  }

  /** The status and code that a request is answered with. */
  async post(request: Request): Promise<string> {
    const { status, code } = await this.answer(request);
    return code === undefined ? String(status) : `${status} ${code}`;
  }

  async answer(request: Request): Promise<{ status: number; code: unknown; retryAfter: string | null }> {
    const response = await this.handler(request.clone());
    const text = await response.text();
    const code = text === "" ? undefined : JSON.parse(text).code;
    return { status: response.status, code, retryAfter: response.headers.get("retry-after") };
  }
}

/** A promise that a test settles. */
export function gate(): { readonly promise: Promise<void>; readonly open: () => void; readonly fail: () => void } {
  let open = () => {};
  let fail = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = () => reject(new Error("failed late"));
  });
  return { promise, open, fail };
}

/** Lets all that can go on go on. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A store that notes what it is asked, and that a test makes fail. */
export class FakeStore implements DeliveryStore {
  readonly calls: unknown[][] = [];
  claim: DeliveryStore["claim"] = (...call) => {
    this.calls.push(["claim", ...call]);
    return "claimed";
  };
  complete: DeliveryStore["complete"] = (...call) => {
    this.calls.push(["complete", ...call]);
  };
  release: DeliveryStore["release"] = (...call) => {
    this.calls.push(["release", ...call]);
  };
}

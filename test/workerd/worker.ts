import {
  createKeyLookup,
  createWebhookHandler,
  type TxtRecords,
  type VerifyOptions,
  verifySignature,
  WebhookError,
} from "../../src/index.ts";
import { createTestCopernica, samples } from "../../src/testing.ts";

/** A signed call as a test describes it. */
export interface Described {
  readonly account: number;
  readonly clock: number;
  readonly keyId: string;
  /** The records under that name; without them, DNS is asked. */
  readonly records?: TxtRecords;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly bodyBase64: string;
  };
}

/** What became of it. */
export interface Outcome {
  /** The code of the answer, or `verified`. */
  readonly code: string;
  /** The same, of `verifySignature` alone. */
  readonly alone: string;
  readonly detail: string;
  readonly events: number;
}

/** What a test can ask of this Worker, by path. */
const questions: Readonly<Record<string, (request: Request) => Promise<unknown>>> = {
  "/runtime": async () => ({ fastPath: typeof globalThis.process?.getBuiltinModule === "function" }),

  async "/verify"(asked) {
    const described: Described = await asked.json();
    const { account, records, keyId, clock } = described;
    const verify: VerifyOptions = {
      clock: () => clock,
      ...(records && { resolveTxt: async (name) => (name === keyId ? records : []) }),
    };
    let events = 0;
    let detail = "";
    const handler = createWebhookHandler({
      account,
      verify,
      onEvent() {
        events += 1;
      },
      onWarning() {},
      onError(error) {
        detail = `${error.message} ${error.cause}`;
      },
    });
    const answer = await handler(requestOf(described));
    const code = answer.status === 200 ? "verified" : String(JSON.parse(await answer.text()).code);
    const body = bytesOf(described.request.bodyBase64);
    const alone = await verifySignature(requestOf(described), body, {
      account,
      keys: createKeyLookup(verify),
      clock: () => clock,
    }).then(
      () => "verified",
      (error: unknown) => (error instanceof WebhookError ? error.code : String(error)),
    );
    return { code, alone, detail, events } satisfies Outcome;
  },

  async "/own"() {
    const copernica = await createTestCopernica();
    const names: string[] = [];
    const handler = createWebhookHandler({
      account: copernica.account,
      verify: { resolveTxt: copernica.resolveTxt },
      onEvent: ({ name }) => names.push(name),
    });
    const statuses = [];
    for (const sample of Object.values(samples)) {
      const request = await copernica.request(sample);
      statuses.push((await handler(request.clone())).status, (await handler(request)).status);
    }
    return { statuses, names };
  },
};

function requestOf({ request: { url, method, headers, bodyBase64 } }: Described): Request {
  return new Request(url, { method, headers: Object.entries(headers), body: bytesOf(bodyBase64) });
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export default {
  async fetch(request: Request): Promise<Response> {
    const question = questions[new URL(request.url).pathname];
    return question === undefined ? new Response(null, { status: 404 }) : Response.json(await question(request));
  },
};

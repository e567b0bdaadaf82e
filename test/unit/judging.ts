import { expect } from "vitest";
import {
  createKeyLookup,
  createWebhookHandler,
  type ResolveTxt,
  type TxtRecords,
  type VerifyOptions,
  verifySignature,
  WebhookError,
} from "../../src/index.ts";
import { type Call, createSigner, NOW } from "../fixtures/signer.ts";

export const signer = await createSigner();
export const stranger = await createSigner({ keyId: "two._domainkey.copernica.com" });

/** What DNS serves in these tests: names and their TXT records. */
const zone: Readonly<Record<string, TxtRecords>> = {
  [signer.keyId]: [[signer.record]],
  [stranger.keyId]: [[stranger.record]],
  "revoked._domainkey.copernica.com": [["v=DKIM1; k=rsa; p="]],
  "ed25519._domainkey.copernica.com": [["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]],
  "broken._domainkey.copernica.com": [["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"]],
  "mail.copernica.com": [["v=spf1 include:example.com ~all"]],
};

/** What DNS answers in these tests. */
export const serve: ResolveTxt = async (name) => {
  if (name === "slow._domainkey.copernica.com") throw Object.assign(new Error("secret cause"), { code: "ESERVFAIL" });
  const records = zone[name];
  if (records === undefined) throw Object.assign(new Error("secret cause"), { code: "ENOTFOUND" });
  return records;
};

/** What a receiver has of its own in a test. */
export interface Receiver {
  readonly account?: number | string;
  readonly verify?: VerifyOptions;
  readonly maxBodyBytes?: number;
}

/** What became of a call. */
interface Judgement {
  readonly status: number;
  /** The code of the answer, or `verified`. */
  readonly code: string;
  readonly answer: Response;
  readonly text: string;
  /** How often the callback ran. */
  readonly events: number;
  /** The names that were looked up. */
  readonly lookups: readonly string[];
}
/** The cryptographies that a call is verified with, each with whether WebCrypto is all that there is. */
export const cryptographies: readonly (readonly [name: string, onlyWebCrypto: boolean])[] = [
  ["with the runtime's fastest cryptography", false],
  ["with WebCrypto alone", true],
];

/** What judges calls with one of the cryptographies. */
export interface Judge {
  /** Runs what looks for the cryptography of the runtime. */
  readonly hiding: <Value>(make: () => Value) => Value;
  /** What becomes of a call, through the handler, and alone: it must be the same. */
  readonly judge: (request: Request, receiver?: Receiver) => Promise<Judgement>;
  /** The code that a call is answered with. */
  readonly codeOf: (call: Call, receiver?: Receiver) => Promise<string>;
}

/** Makes what judges calls with one of the cryptographies. */
export function createJudge(onlyWebCrypto: boolean): Judge {
  return { hiding, judge, codeOf };

  function hiding<Value>(make: () => Value): Value {
    const original = process.getBuiltinModule;
    if (onlyWebCrypto) Object.assign(process, { getBuiltinModule: undefined });
    try {
      return make();
    } finally {
      if (onlyWebCrypto) process.getBuiltinModule = original;
    }
  }

  async function judge(request: Request, receiver: Receiver = {}): Promise<Judgement> {
    const { account = 1234, maxBodyBytes = 1_048_576 } = receiver;
    const lookups: string[] = [];
    let events = 0;
    const options = { clock: () => NOW, ...receiver.verify };
    const resolveTxt: ResolveTxt = (name) => {
      lookups.push(name);
      return (options.resolveTxt ?? serve)(name);
    };
    const handler = hiding(() =>
      createWebhookHandler({
        account,
        maxBodyBytes,
        verify: { ...options, resolveTxt },
        onError() {},
        onWarning() {},
        onEvent() {
          events += 1;
        },
      }),
    );
    const copy = request.clone();
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const answer = await handler(request);
    const text = await answer.clone().text();
    const code = answer.status === 200 ? "verified" : String(JSON.parse(text).code);

    if (answer.status === 200 || answer.status === 401 || code === "key_unavailable") {
      const { keyDomain = "copernica.com", clock, resolveTxt: _, ...rest } = options;
      const keys = hiding(() => createKeyLookup({ resolveTxt, keyDomain, clock }));
      const alone = hiding(() => verifySignature(copy, body, { account, keys, clock, ...rest })).then(
        () => "verified",
        (error: unknown) => (error instanceof WebhookError ? error.code : error),
      );
      expect(await alone).toBe(code);
    }
    return { status: answer.status, code, answer, text, events, lookups };
  }

  async function codeOf(call: Call, receiver?: Receiver): Promise<string> {
    return (await judge(await signer.sign(call), receiver)).code;
  }
}

import { InvalidOptionError } from "../errors.ts";
import type { EventVariables, WebhookEvent } from "../events/event.ts";
import type { EventName } from "../events/map.ts";
import { encodeForm, type Variables } from "../form/encode.ts";
import { accountNumber, httpUrl, oneOf, optional, text, wholeNumber, withDefault } from "../options/readers.ts";
import { invalidOption, type OptionReader, settleOptions } from "../options/settle.ts";
import type { ResolveTxt, TxtRecords } from "../signature/dns.ts";
import {
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  keyRecordsOf,
  privateKeyInPem,
} from "./private-key.ts";
import { CONTENT_TYPES, signCall, signWith } from "./sign-call.ts";

/** What a test sender is made with. */
export interface TestCopernicaOptions {
  /**
   * The account whose events it sends: `1234`, or as Copernica writes it, `"account_1234"`.
   *
   * @default 1234
   */
  readonly account?: number | string | undefined;
  /**
   * The URL that it calls.
   *
   * @default "https://example.com/webhooks/copernica"
   */
  readonly url?: string | URL | undefined;
  /**
   * The name of its key in DNS.
   *
   * @default "test._domainkey.copernica.com"
   */
  readonly keyId?: string | undefined;
  /**
   * The length of the RSA key that is made, in bits: 512 to 16384. Not together with `privateKey`.
   *
   * @default 2048
   */
  readonly keyBits?: number | undefined;
  /**
   * Its RSA key, in PEM: `-----BEGIN PRIVATE KEY-----` and so on. Give what another sender has as its `privateKey`, and
   * receivers that trust that one trust this one, in another process too.
   *
   * @default a new key
   */
  readonly privateKey?: string | undefined;
}

/** How one call differs from the others. */
export interface CallOptions {
  /** The URL that is called, if it is not that of the sender. */
  readonly url?: string | URL | undefined;
  /**
   * When it is sent.
   *
   * @default now
   */
  readonly date?: Date | undefined;
  /**
   * How the event is encoded.
   *
   * @default "form"
   */
  readonly encoding?: "form" | "json" | undefined;
  /**
   * What makes the call unlike every other. Two calls that are equal in all, this included, are the same delivery.
   *
   * @default a random text
   */
  readonly nonce?: string | undefined;
}

/** A sender of webhooks that signs as Copernica does. */
export interface TestCopernica {
  /** The number of the account whose events it sends. */
  readonly account: number;
  /** The name of its key in DNS. */
  readonly keyId: string;
  /**
   * Its key, in PEM, to be kept in a file that nobody else can read: who has it can sign for every receiver that trusts
   * `records`.
   */
  readonly privateKey: string;
  /** The TXT records under the name of its key: the public key. */
  readonly records: TxtRecords;
  /** Serves its public key: give it to the handler as `verify.resolveTxt`. Of any other name there are no records. */
  readonly resolveTxt: ResolveTxt;
  /**
   * Makes the signed request that brings an event.
   *
   * A variable that no event of this `type` has, a misspelled one, does not compile. To send one on purpose, declare the
   * variables as {@link Variables}.
   *
   * @param variables The event's variables, as PHP would have them; see `samples`.
   * @param options How this call differs from the others.
   * @throws {InvalidOptionError} If an option is unknown or can't be used.
   */
  readonly request: <const Sent extends Variables>(
    variables: Sent & KnownVariables<Sent>,
    options?: CallOptions,
  ) => Promise<Request>;
}

/**
 * Asks of variables, if their `type` and their names are known, that an event of this type has each of them.
 *
 * @internal
 */
type KnownVariables<Sent> = string extends keyof Sent
  ? unknown
  : Sent extends { readonly type: infer Type extends WebhookEvent["type"] }
    ? { readonly [Name in Exclude<keyof Sent, VariableOf<Type>>]: NoVariableOf<Type> }
    : unknown;

/**
 * What no value is: the compiler's error at a variable that no event of the type has names it.
 *
 * @internal
 */
interface NoVariableOf<Type> {
  /** The type of the event. */
  readonly noVariableOf: Type;
}

/**
 * The names of the variables that the events of a type have.
 *
 * @internal
 */
type VariableOf<Type> = {
  [Name in EventName]: Type extends WebhookEvent<Name>["type"] ? keyof EventVariables<Name> : never;
}[EventName];

const DEFAULT_ACCOUNT = 1_234;
const DEFAULT_URL = "https://example.com/webhooks/copernica";
const DEFAULT_KEY_ID = "test._domainkey.copernica.com";
const DEFAULT_KEY_BITS = 2_048;

const date: OptionReader<Date> = (given, option) => {
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given;
  throw invalidOption(option, "a valid Date", given);
};

/**
 * Makes a sender of signed calls. Making one with a new key takes a good part of a second: share it between tests.
 *
 * @param options The account, and what else differs from the defaults.
 * @returns The sender.
 * @throws {InvalidOptionError} If an option is unknown or can't be used.
 *
 * @example A sender whose key is kept, so that an app in another process trusts it:
 * ```ts
 * import { createTestCopernica } from "copernica-webhooks/testing";
 *
 * const first = await createTestCopernica({ account: 1234 });
 * const kept = first.privateKey; // to be written to a file of mode 0600
 *
 * const again = await createTestCopernica({ account: 1234, privateKey: kept });
 * console.log(again.records[0]?.join("") === first.records[0]?.join("")); // true
 * ```
 */
export async function createTestCopernica(options: TestCopernicaOptions = {}): Promise<TestCopernica> {
  const { account, url, keyId, keyBits, privateKey } = settleOptions("createTestCopernica", options, {
    account: withDefault(() => DEFAULT_ACCOUNT, accountNumber),
    url: withDefault(() => new URL(DEFAULT_URL), httpUrl),
    keyId: withDefault(() => DEFAULT_KEY_ID, text),
    keyBits: optional(wholeNumber({ least: 512, most: 16_384 })),
    privateKey: optional(privateKeyInPem),
  });
  if (privateKey !== undefined && keyBits !== undefined) {
    throw new InvalidOptionError("createTestCopernica: keyBits is for a new key; leave it out with privateKey.");
  }
  const key =
    privateKey === undefined
      ? await generatePrivateKey(keyBits ?? DEFAULT_KEY_BITS)
      : await importPrivateKey(privateKey, "createTestCopernica: privateKey");
  const records = await keyRecordsOf(key);
  return {
    account,
    keyId,
    privateKey: await exportPrivateKey(key),
    records,
    async resolveTxt(name) {
      if (name.toLowerCase() === keyId.toLowerCase()) return records;
      throw Object.assign(new Error(`There are no TXT records of ${name}.`), { code: "ENOTFOUND" });
    },
    async request(variables, options = {}) {
      const call = settleOptions("request", options, {
        url: withDefault(() => url, httpUrl),
        date: withDefault(() => new Date(), date),
        encoding: withDefault(() => "form" as const, oneOf("form", "json")),
        nonce: withDefault(() => crypto.randomUUID(), text),
      });
      const isForm = call.encoding === "form";
      const body = new TextEncoder().encode(isForm ? encodeForm(variables) : JSON.stringify(variables));
      const contentType = CONTENT_TYPES[call.encoding];
      const headers = await signCall({ ...call, body, contentType, account, keyId, sign: signWith(key) });
      return new Request(call.url, { method: "POST", body, headers });
    },
  };
}

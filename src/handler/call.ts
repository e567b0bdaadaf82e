import type { Answer } from "./answer.ts";
import { type BodyBounds, readBody } from "./body.ts";
import { InternalError } from "./errors.ts";

/** A call of a webhook as its server hands it over, whichever server that is. */
export interface Call {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL, as it was received. */
  readonly url: string;
  /** The value of a header; null if it did not come. */
  getHeader(name: string): string | null;
  /** All headers. */
  readonly headers: Headers;
  /** Aborted when the client goes away; undefined if the server does not tell. */
  readonly signal: AbortSignal | undefined;
  /** Reads the body whole, within bounds. */
  readBody(bounds: BodyBounds): Promise<Uint8Array>;
}

/** The call that a `Request` is. A class, since an object with getters of its own takes many times as long to make. */
export class RequestCall implements Call {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url;
  }

  get headers(): Headers {
    return this.#request.headers;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  getHeader(name: string): string | null {
    const { headers } = this.#request;
    if (typeof headers?.get === "function") return headers.get(name);
    throw new InternalError(
      'The handler takes a Request. For one of Node\'s, wrap it: toNodeHandler(handler) of "copernica-webhooks/node".',
    );
  }

  readBody(bounds: BodyBounds): Promise<Uint8Array> {
    return readBody(this.#request, bounds);
  }
}

/** Answers a call, whichever server it came from; never rejects. */
type AnswerCall<Platform extends readonly unknown[]> = (call: Call, platform: Platform) => Promise<Answer>;

/** Where a handler keeps the function that answers calls which are no `Request`; the same in every copy of this package. */
const ANSWER: unique symbol = Symbol.for("copernica-webhooks.answer");

/** Gives a handler the function that answers calls which are no `Request`. */
export function addAnswer<Handler extends object, Platform extends readonly unknown[]>(
  handler: Handler,
  answer: AnswerCall<Platform>,
): Handler {
  return Object.assign(handler, { [ANSWER]: answer });
}

/** The function of a handler that answers calls which are no `Request`; undefined if it is no handler of this package's. */
export function answerOf(handler: object): AnswerCall<readonly unknown[]> | undefined {
  return (handler as { [ANSWER]?: AnswerCall<readonly unknown[]> })[ANSWER]; // set by addAnswer alone
}

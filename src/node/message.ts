/** What a request came in through. */
export interface NodeSocket {
  /** The address of who called: of a proxy, if there is one. */
  readonly remoteAddress?: string | undefined;
  /** Whether it is TLS. */
  readonly encrypted?: boolean | undefined;
}

/** The part of Node's requests that is used, of `http.IncomingMessage` and `http2.Http2ServerRequest` alike. */
export interface NodeRequest {
  /** The HTTP method. */
  readonly method?: string | undefined;
  /** The request target; within an Express Router, what is left of it. */
  readonly url?: string | undefined;
  /** The request target as it came, if a framework changes `url`. */
  readonly originalUrl?: string | undefined;
  /** The headers, their names in lower case; of most that come twice, Node keeps one. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The headers as they came, name and value in turn. */
  readonly rawHeaders: readonly string[];
  /** What it came in through. */
  readonly socket: NodeSocket;
  /** Calls a function for each part of the body. */
  on(event: "data", listener: (part: Uint8Array) => void): unknown;
  /** Calls a function when the body is over, or breaks off. */
  on(event: "end" | "close" | "error", listener: (error?: Error) => void): unknown;
}

/** The part of Node's responses that is used, of `http.ServerResponse` and `http2.Http2ServerResponse` alike. */
export interface NodeResponse {
  /** The HTTP status. */
  statusCode: number;
  /** Whether an answer has begun. */
  readonly headersSent: boolean;
  /** Writes status and headers. */
  writeHead(status: number, headers: Record<string, string | number>): unknown;
  /** Ends the answer. */
  end(): unknown;
  /** Writes the body, and ends the answer. */
  end(body: Uint8Array): unknown;
  /** Calls a function when the connection, or the stream of HTTP/2, is over. */
  once(event: "close", listener: () => void): unknown;
}

/** What Node's requests have beside what users of this package need, and what was put into them before. */
export interface IncomingStream extends NodeRequest {
  readonly httpVersionMajor?: number;
  /** The body, if something before this read it. */
  readonly body?: unknown;
  /** The bytes of the body, if something before this kept them. */
  readonly rawBody?: unknown;
  /** Whether the whole request was received; whether the client went away before. */
  readonly complete: boolean;
  readonly aborted: boolean;
  /** Whether somebody took of the body; whether it is to be made text, which loses bytes. */
  readonly readableDidRead?: boolean;
  readonly readableEncoding?: string | null;
  /** How many bytes were received, and wait to be taken. */
  readonly readableLength?: number;
  /** Takes all that waits to be taken; null if nothing does. */
  read(): Uint8Array | null;
  pause(): unknown;
  resume(): unknown;
  off(event: "data", listener: (part: Uint8Array) => void): unknown;
  off(event: "end" | "close" | "error", listener: (error?: Error) => void): unknown;
}

/** What Node's responses have beside what users of this package need. */
export interface OutgoingStream extends NodeResponse {
  readonly destroyed?: boolean;
  readonly writableEnded: boolean;
  /** Whether 100 Continue was sent: by Node's server, unless somebody listens to its `checkContinue`. */
  readonly _sent100?: boolean;
  /** The stream of HTTP/2. */
  readonly stream?: { close?(code: number): void };
  write(part: Uint8Array): unknown;
  writeContinue(): unknown;
  flushHeaders(): void;
}

import { connect } from "node:net";

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  /** The headers, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A connection that sends bytes as they are told, right or wrong, and reads answers. */
export interface Connection {
  /** Sends bytes; resolves once the system took them, or the connection has ended. */
  readonly send: (bytes: string | Uint8Array) => Promise<void>;
  /** Ends the sending side; answers can still come. */
  readonly end: () => void;
  /** Ends the connection at once. */
  readonly destroy: () => void;
  /** The next answer; undefined where the connection ends before it. */
  readonly answer: (to?: { readonly method: string }) => Promise<Answer | undefined>;
  /** Resolves once the connection has ended. */
  readonly ended: Promise<void>;
  /** Whether the connection has ended. */
  readonly hasEnded: () => boolean;
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });

  let received = "";
  let over = false;
  let wake = (): void => {};
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    wake();
  });
  socket.on("error", () => {}); // an end like another; tests look at the answers
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      over = true;
      resolve();
      wake();
    };
    socket.once("end", finish);
    socket.once("close", finish);
  });

  return {
    ended,
    hasEnded: () => over,
    send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    async answer({ method } = { method: "POST" }) {
      for (;;) {
        const read = readAnswer(received, method, over);
        if (read !== undefined) {
          received = received.slice(read.length);
          return read.answer;
        }
        if (over) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The answer that a text starts with, and its length; undefined where it is not whole yet. */
function readAnswer(
  text: string,
  method: string,
  over: boolean,
): { readonly answer: Answer; readonly length: number } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const start = end + 4;
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return { answer: { status, headers, body: "" }, length: start };
  }
  if (headers.get("transfer-encoding") === "chunked") return readChunks(text, start, { status, headers });
  const length = headers.get("content-length");
  if (length === undefined && !over) return undefined;
  const stop = length === undefined ? text.length : start + Number(length);
  return text.length < stop ? undefined : { answer: { status, headers, body: text.slice(start, stop) }, length: stop };
}

function readChunks(
  text: string,
  start: number,
  head: Omit<Answer, "body">,
): { readonly answer: Answer; readonly length: number } | undefined {
  let body = "";
  let position = start;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", position);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(position, lineEnd), 16);
    const stop = lineEnd + 2 + size + 2;
    if (text.length < stop) return undefined;
    if (size === 0) return { answer: { ...head, body }, length: stop };
    body += text.slice(lineEnd + 2, stop - 2);
    position = stop;
  }
}

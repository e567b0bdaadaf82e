import { describe, expect, test } from "vitest";
import { RequestError } from "../../src/errors.ts";
import { type BodyBounds, readBody } from "../../src/handler/body.ts";
import { post } from "./posts.ts";

const utf8 = new TextEncoder();

/** How long is long enough for a test to show that time is up. */
const SHORT_MS = 30;

const MOST_BYTES = 1_024 * 1_024;

function read(request: Request, bounds: Partial<BodyBounds> = {}): Promise<Uint8Array> {
  return readBody(request, { maxBodyBytes: MOST_BYTES, bodyTimeoutMs: 10_000, ...bounds });
}

/** The code that reading ends with. */
async function codeOf(reading: Promise<Uint8Array>): Promise<string> {
  const error = await reading.then(
    () => new Error("It was read."),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RequestError)) throw error;
  return error.code;
}

interface Source {
  readonly stream: ReadableStream<Uint8Array>;
  readonly isCanceled: () => boolean;
}

/** A body that has some parts, and then neither more nor an end; with a pause, part after part without an end. */
function endless(part: Uint8Array, parts = 1, pauseMs?: number): Source {
  let canceled = false;
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      else if (sent === parts) return await new Promise(() => {});
      sent += 1;
      if (!canceled) controller.enqueue(part.slice());
    },
    cancel() {
      canceled = true;
    },
  });
  return { stream, isCanceled: () => canceled };
}

function partsOf(...parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

describe("a body that takes longer than it may is refused with body_timeout, and its stream canceled", () => {
  test.each([
    ["nothing comes", () => endless(utf8.encode("a"), 0)],
    ["it stops in the middle", () => endless(utf8.encode("type=create&"), 3)],
    ["it trickles on and on", () => endless(utf8.encode("a"), 0, SHORT_MS / 10)],
  ])("if %s", async (_, start) => {
    const { stream, isCanceled } = start();
    expect(await codeOf(read(post(stream), { bodyTimeoutMs: SHORT_MS }))).toBe("body_timeout");
    expect(isCanceled()).toBe(true);
  });

  test("if it declares a length too", async () => {
    const { stream } = endless(utf8.encode("a"), 3);
    const request = post(stream, { "content-length": "100" });
    expect(await codeOf(read(request, { bodyTimeoutMs: SHORT_MS }))).toBe("body_timeout");
  });

  test("even if its source does not let itself be canceled", async () => {
    const stubborn = new ReadableStream<Uint8Array>({ cancel: () => new Promise(() => {}) });
    expect(await codeOf(read(post(stubborn), { bodyTimeoutMs: SHORT_MS }))).toBe("body_timeout");
  });

  test("but not one that is there in time, however long its event takes then", async () => {
    const bytes = await read(post("a=b"), { bodyTimeoutMs: SHORT_MS });
    await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_MS));
    expect(bytes).toEqual(utf8.encode("a=b"));
  });
});

describe("a body whose Content-Length lies is refused", () => {
  test.each([
    ["more than it has", "4", "body_interrupted"],
    ["less than it has", "2", "body_too_large"],
    ["more than is accepted", String(MOST_BYTES + 1), "body_too_large"],
    ["no end of bytes", "9".repeat(400), "body_too_large"],
  ])("if it declares %s", async (_, contentLength, code) => {
    const headers = { "content-length": contentLength };
    expect(await codeOf(read(post("a=b", headers)))).toBe(code);
    expect(await codeOf(read(post(partsOf(utf8.encode("a="), utf8.encode("b")), headers)))).toBe(code);
  });

  test("before it is read, if it declares more than is accepted", async () => {
    const request = post("a=b", { "content-length": String(MOST_BYTES + 1) });
    expect(await codeOf(read(request))).toBe("body_too_large");
    expect(request.bodyUsed).toBe(false);
  });

  test.each(["3", "03", "none", "-1", "3, 3", "+3", "3.0", "0x3"])(
    "but %j does not lie about three bytes",
    async (length) => {
      expect(await read(post("a=b", { "content-length": length }))).toEqual(utf8.encode("a=b"));
    },
  );
});

describe("a body that something else read first is refused with body_used", () => {
  test("if it was read whole", async () => {
    const request = post("a=b", { "content-length": "3" });
    await request.text();
    expect(await codeOf(read(request))).toBe("body_used");
  });

  test.each([{}, { "content-length": "3" }])("if it is being read, with the headers %j", async (headers) => {
    const request = post(partsOf(utf8.encode("a=b")), headers);
    request.body?.getReader();
    expect(await codeOf(read(request))).toBe("body_used");
  });

  test("if it is whole and empty, and declares a length, as adapters make of a message that a parser read", async () => {
    expect(await codeOf(read(post(partsOf(), { "content-length": "3" })))).toBe("body_used");
  });

  test.each([{}, { "content-length": "3" }])("if its stream says so, with the headers %j", async (headers) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.error(new TypeError("Body is unusable: Body has already been read"));
      },
    });
    expect(await codeOf(read(post(stream, headers)))).toBe("body_used");
  });

  test("and the error names what does that, and what to do", async () => {
    const request = post("a=b");
    await request.text();
    await expect(read(request)).rejects.toThrow(/before body parsers, such as express\.json\(\)/);
  });
});

describe("a body is read whole, byte for byte", () => {
  const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251);

  test.each([1, 7, 1_000, 4_096, 5_000])("in parts of %i bytes", async (size) => {
    const parts: Uint8Array[] = [];
    for (let start = 0; start < bytes.length; start += size) parts.push(bytes.slice(start, start + size));
    expect(await read(post(partsOf(...parts)))).toEqual(bytes);
    expect(await read(post(partsOf(...parts), { "content-length": "5000" }))).toEqual(bytes);
    expect(await read(post(partsOf(...parts)), { maxBodyBytes: 5_000 })).toEqual(bytes);
    expect(await codeOf(read(post(partsOf(...parts)), { maxBodyBytes: 4_999 }))).toBe("body_too_large");
  });

  test("with parts of nothing between", async () => {
    const nothing = new Uint8Array();
    const stream = partsOf(nothing, bytes.slice(0, 3), nothing, bytes.slice(3), nothing);
    expect(await read(post(stream))).toEqual(bytes);
  });

  test("and keeps no buffer of more than twice its size", async () => {
    const slab = new Uint8Array(64 * 1_024);
    slab.set(bytes);
    const views = Array.from({ length: 500 }, (_, index) => slab.subarray(10 * index, 10 * index + 10));
    for (const parts of [views, [slab.subarray(0, 5_000)], [slab.subarray(0, 1)]]) {
      const body = await read(post(partsOf(...parts)));
      expect(body.buffer.byteLength).toBeLessThanOrEqual(2 * body.byteLength);
    }
  });

  test("if there is none", async () => {
    expect(await read(post(null))).toEqual(new Uint8Array());
    expect(await read(post(null, { "content-length": "0" }))).toEqual(new Uint8Array());
  });
});

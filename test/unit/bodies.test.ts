import { describe, expect, test, vi } from "vitest";
import { cutOff, never, problemOf, receiver, SECRET, shownBy, streamOf } from "./answering.ts";
import { FORM, post, postEvent } from "./posts.ts";

describe("the size of a body", () => {
  const body = "type=x&pad=".padEnd(1_000, "é");
  const size = new TextEncoder().encode(body).byteLength;

  /** The body in as many parts. */
  function inParts(parts: number): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(body);
    const length = Math.ceil(size / parts);
    return new ReadableStream({
      start(controller) {
        for (let start = 0; start < size; start += length) controller.enqueue(bytes.subarray(start, start + length));
        controller.close();
      },
    });
  }

  test.each([1, 2, 7, size])("is counted in bytes, to the byte, in %i parts", async (parts) => {
    const enough = receiver({ maxBodyBytes: size });
    expect((await enough.handler(post(inParts(parts)))).status).toBe(200);
    const tooFew = receiver({ maxBodyBytes: size - 1 });
    const response = await tooFew.handler(post(inParts(parts)));
    expect(response.status).toBe(413);
    expect((await problemOf(response)).detail).toContain(String(size - 1));
  });

  test("may be 1 MiB by default", async () => {
    const { handler } = receiver();
    const mebibyte = "type=x&pad=".padEnd(1_024 * 1_024, "x");
    expect((await handler(post(mebibyte))).status).toBe(200);
    expect((await handler(post(`${mebibyte}x`))).status).toBe(413);
  });

  test.each([
    ["0", 413],
    [String(size - 1), 413],
    [String(size), 200],
    [String(size + 1), 400],
    ["999999999999", 413],
    ["-1", 200],
    ["none", 200],
  ])("is that of what arrives, and one that declares %s bytes is answered %i", async (contentLength, status) => {
    const { handler } = receiver({ maxBodyBytes: 2 * size });
    const headers = { "content-type": FORM, "content-length": contentLength };
    expect((await handler(post(body, headers))).status).toBe(status);
    expect((await handler(post(inParts(7), headers))).status).toBe(status);
    expect((await handler(post("x".repeat(2 * size + 1), headers))).status).toBe(413);
  });

  test("is limited even if it never ends: reading stops at the limit", async () => {
    const chunk = new TextEncoder().encode("type=x&".padEnd(1_024, "x"));
    let sent = 0;
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await Promise.resolve();
        sent += chunk.byteLength;
        controller.enqueue(chunk.slice());
      },
      cancel() {
        canceled = true;
      },
    });
    const { handler } = receiver({ maxBodyBytes: 16 * 1_024 });
    expect((await handler(post(endless))).status).toBe(413);
    const sentAtAnswer = sent;
    expect(sentAtAnswer).toBeLessThanOrEqual(24 * 1_024);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(canceled).toBe(true);
    expect(sent).toBeLessThanOrEqual(sentAtAnswer + 1_024);
  });

  test("is answered without waiting for a source that does not let itself be canceled", async () => {
    for (const cancel of [never, () => Promise.reject(new Error(SECRET))]) {
      const stubborn = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1_024)),
        cancel,
      });
      const { handler } = receiver({ maxBodyBytes: 10 });
      expect((await handler(post(stubborn))).status).toBe(413);
    }
  });

  test("may be nothing", async () => {
    const { handler } = receiver();
    for (const nothing of ["", null, streamOf(), streamOf("", "")]) {
      expect((await handler(post(nothing))).status).toBe(422);
    }
  });
});

describe("a body that comes in parts", () => {
  test("is one, wherever it is cut", async () => {
    const body = "type=create&fields[na%C3%A9m]=S%C3%A9";
    for (let cut = 0; cut <= body.length; cut += 1) {
      const onUnhandled = vi.fn();
      const { handler } = receiver({ onUnhandled });
      const sent = body.replace("create", "x");
      await handler(post(streamOf(sent.slice(0, cut), sent.slice(cut))));
      expect(onUnhandled.mock.calls[0]?.[0].raw).toEqual({ type: "x", fields: { naém: "Sé" } });
    }
  });
});

describe("a body that cannot be read", () => {
  test("since something reads it at the moment", async () => {
    const { handler, errors } = receiver();
    const request = postEvent();
    const reader = request.body?.getReader();
    expect((await handler(request)).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_used"]);
    reader?.releaseLock();
  });

  test("since something read the beginning of it", async () => {
    const { handler, errors } = receiver();
    const request = post(streamOf("type=create&", "type=x"));
    const reader = request.body?.getReader();
    await reader?.read();
    reader?.releaseLock();
    expect((await handler(request)).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_used"]);
  });

  test("since the handler was called with it before", async () => {
    const { handler } = receiver();
    const request = postEvent();
    expect((await handler(request)).status).toBe(200);
    expect((await handler(request)).status).toBe(400);
  });

  test("since its client went away, and onError is told why", async () => {
    const onEvent = vi.fn();
    const { handler, errors } = receiver({ onEvent });
    const reason = new Error(SECRET);
    const response = await handler(cutOff(reason));
    expect(response.status).toBe(400);
    expect(await shownBy(response)).not.toContain(SECRET);
    expect(errors.map(({ code }) => code)).toEqual(["body_interrupted"]);
    expect(errors[0]?.cause).toBeDefined();
    expect(onEvent).not.toHaveBeenCalled();
  });

  test("since its client went away without saying a word", async () => {
    const { handler, errors } = receiver();
    expect((await handler(cutOff(undefined))).status).toBe(400);
    expect(errors.map(({ code }) => code)).toEqual(["body_interrupted"]);
  });
});

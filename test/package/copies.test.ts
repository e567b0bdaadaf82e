import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./compile.ts";

/** The core as CommonJS, and everything else as ESM: each has classes of its own. */
const require = createRequire(import.meta.url);
const { createWebhookHandler }: typeof import("../../src/index.ts") = require(join(root, "dist/index.cjs"));
const { createKeyLookup, RequestError }: typeof import("../../src/index.ts") = await import(
  join(root, "dist/index.js")
);
const { toNodeHandler }: typeof import("../../src/node.ts") = await import(join(root, "dist/node.js"));
const { createTestCopernica, encodeForm, memoryInbox, samples }: typeof import("../../src/testing.ts") = await import(
  join(root, "dist/testing.js")
);

const form = { "content-type": "application/x-www-form-urlencoded" };

describe("a handler that was required, with what was imported", () => {
  test("is another copy", () => {
    expect(require(join(root, "dist/index.cjs")).RequestError).not.toBe(RequestError);
  });

  test("answers what toNodeHandler refuses with its own status", async () => {
    const codes: string[] = [];
    const handler = createWebhookHandler({
      verify: false,
      maxBodyBytes: 10,
      bodyTimeoutMs: 50,
      onProfileCreate() {},
      onError: ({ code }) => codes.push(code),
    });
    const server = createServer(toNodeHandler(handler)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // it listens on a port
    const post = (body: BodyInit) => {
      // Node's fetch asks for it of a stream, and its types don't know it.
      const init = { method: "POST", headers: form, body, duplex: "half" };
      return fetch(`http://127.0.0.1:${port}/`, init);
    };
    try {
      expect((await post("a".repeat(11))).status).toBe(413);
      expect((await post(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }))).status).toBe(
        408,
      );
      expect(codes).toEqual(["body_too_large", "body_timeout"]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("answers what a look-up of keys refuses with its own status, and recognizes who it was", async () => {
    const codes: string[] = [];
    const copernica = await createTestCopernica({ account: 1234, url: "https://example.com/hooks" });
    const handler = createWebhookHandler({
      account: 1234,
      path: "/elsewhere",
      verify: { keys: createKeyLookup({ resolveTxt: async () => [], onWarning() {} }) },
      onProfileCreate() {},
      onError: ({ code }) => codes.push(code),
      onWarning() {},
    });
    expect((await handler(await copernica.request(samples["profile.create"]))).status).toBe(404);
    const elsewhere = await createTestCopernica({ account: 1234, url: "https://example.com/elsewhere" });
    expect((await handler(await elsewhere.request(samples["profile.create"]))).status).toBe(401);
    expect(codes).toEqual(["path_not_found", "key_not_found"]);
  });

  test("has its callbacks tried again by an inbox, and what can't be understood refused", async () => {
    const inbox = memoryInbox();
    const handler = createWebhookHandler({
      verify: false,
      inbox,
      onProfileCreate() {
        throw new Error("not now");
      },
      onError() {},
    });
    const sample = encodeForm(samples["profile.create"]);
    for (const body of [sample, "type=create"]) {
      await handler(new Request("https://example.com/", { method: "POST", headers: form, body }));
    }
    await inbox.drain();
    expect(await inbox.stats()).toMatchObject({ retryable: 1, discarded: 1 });
    await inbox.stop();
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWebhookHandler, type WebhookHandler, type WebhookOptions } from "../../src/index.ts";
import { BODY, createSigner, NOW } from "../fixtures/signer.ts";
import { postEvent } from "./posts.ts";

const signer = await createSigner();
const stranger = await createSigner({ keyId: signer.keyId });

/** What stands in the events of these tests, and must stand in no log. */
const VALUES = ["a@example.com", "sanne@example.com", "Den Haag"];

const errorLog = vi.spyOn(console, "error");
const warningLog = vi.spyOn(console, "warn");

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  errorLog.mockReset().mockImplementation(() => {});
  warningLog.mockReset().mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
});

/** The lines that were logged, of errors and of warnings. */
function linesOf(log: typeof errorLog): string[] {
  for (const call of log.mock.calls) expect(call).toEqual([expect.any(String)]);
  const lines = log.mock.calls.map(([line]) => String(line));
  for (const line of lines) {
    expect(line).toMatch(/^copernica-webhooks: /);
    expect(line).not.toMatch(/\p{Cc}/u);
    for (const value of VALUES) expect(line).not.toContain(value);
  }
  return lines;
}

function receiver(options: WebhookOptions = {}): WebhookHandler {
  return createWebhookHandler({
    account: 1234,
    verify: { resolveTxt: async () => [[signer.record]] },
    onProfileDelete() {},
    ...options,
  });
}

describe("the default log has a line for a genuine event that was not processed", () => {
  const long = "x".repeat(3_000);
  test.each<[string, WebhookOptions, Parameters<typeof signer.sign>[0], RegExp]>([
    ["since its body is too large", { maxBodyBytes: 10 }, {}, /413 body_too_large/],
    ["since its content type is another", {}, { signed: { "content-type": "text/plain" } }, /415 unsupported_cont/],
    ["since it can't be decoded", {}, { body: `a${"[b]".repeat(65)}=a@example.com` }, /400 undecodable_body/],
    [
      "since it lacks a variable",
      {},
      { body: BODY.replace("profile=7", "profile=a@example.com") },
      /422 invalid_event/,
    ],
    ["since it comes to another path", { path: "/elsewhere" }, {}, /404 path_not_found/],
    ["since its path is too long", {}, { url: `https://hooks.example.com/${long}` }, /414 path_too_long/],
    ["since the clock is wrong", {}, { signed: { date: new Date(NOW - 3_600_000).toUTCString() } }, /401 date_out_of/],
    [
      "since somebody else processes it",
      { deliveries: { claim: () => "running", complete() {}, release() {} } },
      {},
      /profile\.delete of delivery [\w-]{32} was not processed \(409 delivery_in_progress\)/,
    ],
    [
      "since the store of deliveries fails",
      { deliveries: { claim: () => Promise.reject(new Error("a@example.com")), complete() {}, release() {} } },
      {},
      /503 deliveries_unavailable.* at /,
    ],
    [
      "since its callback fails",
      { onProfileDelete: ({ fields }) => Promise.reject(Object.assign(new TypeError(fields?.email), { code: "E1" })) },
      {},
      /profile\.delete of delivery [\w-]{32} was not processed \(500 callback_failed\).*TypeError E1 .*at /,
    ],
    [
      "since its callback hangs",
      { timeoutMs: 5, onProfileDelete: () => new Promise(() => {}) },
      {},
      /503 callback_time/,
    ],
  ])("%s", async (_, options, call, line) => {
    const handler = receiver(options);
    const genuine = await signer.sign(call);
    const response = await handler(genuine.clone());
    expect(response.ok).toBe(false);
    expect(linesOf(errorLog)).toEqual([expect.stringMatching(line)]);
    expect(errorLog.mock.calls[0]?.[0]).toMatch(/of delivery [\w-]{32} /);

    // A replay is no further event, though one that still runs is another answer.
    await handler(genuine.clone());
    expect(linesOf(errorLog).slice(1).join()).toMatch(/^$|409 delivery_in_progress/);
    // Nobody can say that a forged call is an event.
    const told = linesOf(errorLog).length;
    await handler(await stranger.sign(call));
    expect(linesOf(errorLog).slice(told).join()).not.toMatch(/of delivery/);
  });

  test("and no line for one that was", async () => {
    expect((await receiver()(await signer.sign())).status).toBe(200);
    expect([...linesOf(errorLog), ...linesOf(warningLog)]).toEqual([]);
  });
});

describe("of what a stranger can cause at will, the default log has", () => {
  test("a count once a minute, whatever it is", async () => {
    const handler = receiver({ maxBodyBytes: 10 });
    const calls = [
      () => stranger.sign(),
      () => signer.sign({ sent: { signature: null } }),
      () => Promise.resolve(new Request("https://hooks.example.com/copernica")),
      () => signer.sign({ sent: { host: "[" } }),
    ];
    // At once, since a wrong signature waits for a look-up that all share.
    const requests = await Promise.all(Array.from({ length: 500 }, (_, time) => calls[time % 4]?.() ?? postEvent()));
    await Promise.all(requests.map((request) => handler(request)));
    expect(linesOf(errorLog)).toEqual([expect.stringMatching(/a call was refused \(\d+ \w+\).*More are counted/)]);
    vi.setSystemTime(NOW + 60_000);
    await handler(await signer.sign({ sent: { signature: null } }));
    const [, count = ""] = linesOf(errorLog);
    const counted = [...count.matchAll(/(\d+) with (\w+)/g)].map(([, times, code]) => [code, Number(times)]);
    expect(counted.map(([code]) => code).sort()).toEqual([
      "invalid_host",
      "invalid_signature_header",
      "method_not_allowed",
      "signature_mismatch",
    ]);
    expect(counted.reduce((sum, [, times]) => sum + Number(times), 0)).toBe(499);
  });

  test("a count too if DNS can't be asked for keys", async () => {
    const handler = receiver({ verify: { resolveTxt: () => Promise.reject(new Error("DNS is away")) } });
    for (let time = 0; time < 20; time += 1) {
      expect((await handler(await signer.sign({ keyId: `x${time}.copernica.com` }))).status).toBe(503);
    }
    expect(linesOf(errorLog)).toHaveLength(1);
  });
});

describe("the receiver's own mistakes are warned of once each, with what differs:", () => {
  test.each<[string, WebhookOptions, Parameters<typeof signer.sign>[0], RegExp]>([
    ["a wrong account", { account: 4321 }, {}, /Yours is 4321, and the call's is account_1234/],
    ["a wrong path", { path: "/hook" }, {}, /calls \/copernica, and this handler answers at \/hook/],
    [
      "a wrong host",
      {},
      { sentTo: "https://internal:3000/hook", sent: { host: "internal:3000" } },
      /POST \/hook at internal:3000/,
    ],
    [
      "a wrong public URL",
      { verify: { resolveTxt: async () => [[signer.record]], publicUrl: "https://b.nl/c" } },
      {},
      /POST \/c at b\.nl/,
    ],
    [
      "a clock that is slow",
      {},
      { signed: { date: new Date(NOW + 3_600_000).toUTCString() } },
      /clock\. It lies 3600 s ahead/,
    ],
    [
      "a clock that is fast",
      {},
      { signed: { date: new Date(NOW - 3_600_000).toUTCString() } },
      /clock\. It lies 3600 s behind/,
    ],
    ["a body that was changed on its way", {}, { sentBody: BODY.replace("7", "8") }, /Digest is not that of the body/],
  ])("%s", async (_, options, call, line) => {
    const handler = receiver(options);
    for (let time = 0; time < 3; time += 1) expect((await handler(await signer.sign(call))).ok).toBe(false);
    expect(linesOf(warningLog)).toEqual([expect.stringMatching(line)]);
  });

  test("a body that something read before", async () => {
    const handler = receiver();
    for (let time = 0; time < 3; time += 1) {
      const request = await signer.sign();
      await request.text();
      expect((await handler(request)).status).toBe(400);
    }
    expect(linesOf(warningLog)).toEqual([expect.stringMatching(/read the body/)]);
  });

  test("events that have no callback, once for each name", async () => {
    const handler = receiver({ onProfileDelete: undefined, onClick() {} });
    for (const type of ["delete", "delete", "other", "another"]) {
      expect((await handler(await signer.sign({ body: BODY.replace("type=delete", `type=${type}`) }))).status).toBe(
        200,
      );
    }
    expect(linesOf(warningLog)).toEqual([
      expect.stringMatching(/Nothing handles profile\.delete events/),
      expect.stringMatching(/Nothing handles unknown events/),
    ]);
  });

  test("with no control character of a sender's", async () => {
    const handler = receiver({ verify: false, onWarning: undefined });
    await handler(new Request("https://hooks.example.com/a", { method: "POST", headers: { "content-type": "a\tb" } }));
    const signed = receiver();
    await signed(
      await signer.sign({ sent: { "x-nonce": "a" }, sentTo: "https://hooks.example.com/%1B%E2%80%AE?\u202e" }),
    );
    expect(linesOf(warningLog)).toHaveLength(1);
  });
});

describe("onError, if it is given,", () => {
  test("gets of a verified delivery its id, its raw body and its event, and nothing is logged", async () => {
    const errors: unknown[] = [];
    const handler = receiver({
      onError: (error) => errors.push(error),
      onProfileDelete() {
        throw new Error("not today");
      },
    });
    const bodies = [BODY, "type=delete&profile=x", `a${"[b]".repeat(65)}=x`];
    for (const body of bodies) await handler(await signer.sign({ body }));
    const deliveryId = expect.stringMatching(/^[\w-]{32}$/);
    expect(errors).toMatchObject([
      {
        code: "callback_failed",
        deliveryId,
        event: { name: "profile.delete", profile: 7 },
        cause: { message: "not today" },
      },
      { code: "invalid_event", deliveryId },
      { code: "undecodable_body", deliveryId },
    ]);
    expect(errors.map((error) => new TextDecoder().decode((error as { body: Uint8Array }).body))).toEqual(bodies);
    expect(linesOf(errorLog)).toEqual([]);
  });

  test("gets of anybody else's call neither id nor body", async () => {
    const errors: unknown[] = [];
    const handler = receiver({ onError: (error) => errors.push(error) });
    await handler(await stranger.sign());
    await handler(await signer.sign({ sentBody: BODY.replace("7", "8") }));
    expect(errors).toMatchObject([{ code: "signature_mismatch" }, { code: "digest_mismatch" }]);
    for (const error of errors) expect((error as { body?: unknown }).body).toBeUndefined();
  });
});

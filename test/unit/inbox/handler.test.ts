import { describe, expect, test, vi } from "vitest";
import { createMemoryStore } from "../../../src/inbox/memory.ts";
import { createInbox, DiscardError } from "../../../src/inbox.ts";
import { type AnsweredError, createWebhookHandler, database, type InboxWebhookOptions } from "../../../src/index.ts";
import { memoryInbox } from "../../../src/testing.ts";
import { BODY, createSigner, NOW } from "../../fixtures/signer.ts";
import { postEvent } from "../posts.ts";
import { eventually } from "./inboxes.ts";

const signer = await createSigner();

/** A receiver with an inbox that only works when it is drained, so that a test sees what is stored before. */
function receiver(options: Partial<InboxWebhookOptions> = {}) {
  const inbox = memoryInbox({ work: false, backoff: { firstMs: 1, mostMs: 1, jitter: 0 }, attempts: 3 });
  const errors: AnsweredError[] = [];
  const handler = createWebhookHandler({
    account: 1234,
    inbox,
    verify: { resolveTxt: async () => [[signer.record]], clock: () => NOW },
    onError: (error) => void errors.push(error),
    onWarning() {},
    ...options,
  });
  return { handler, inbox, errors };
}

describe("with an inbox, a delivery", () => {
  test("is stored and answered 200 before its callback runs, which then gets the same event", async () => {
    const onProfileDelete = vi.fn();
    const { handler, inbox } = receiver({ onProfileDelete });
    const response = await handler(await signer.sign({ url: "https://hooks.example.com/copernica?a=1" }));
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(onProfileDelete).not.toHaveBeenCalled();
    expect(await inbox.stats()).toMatchObject({ available: 1, completed: 0 });

    await inbox.drain();
    expect(onProfileDelete).toHaveBeenCalledOnce();
    const [event, context] = onProfileDelete.mock.calls[0] ?? [];
    expect(event).toMatchObject({ name: "profile.delete", profile: 7, fields: { email: "a@example.com" } });
    expect(context).toMatchObject({ attempt: 1, deliveryId: expect.stringMatching(/^[\w-]{32}$/) });
    expect(context.url.href).toBe("https://hooks.example.com/copernica?a=1");
    expect(context.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
    expect(context.headers.get("signature")).toBeNull();
    expect([context.receivedAt instanceof Date, context.signal.aborted]).toEqual([true, false]);
    expect("platform" in context).toBe(false);
    expect(await inbox.get(context.deliveryId)).toMatchObject({
      state: "completed",
      event: { name: "profile.delete", profile: 7, database: 1 },
    });
  });

  test("that comes again is answered 200, and stored once", async () => {
    const onProfileDelete = vi.fn();
    const { handler, inbox } = receiver({ onProfileDelete });
    const call = await signer.sign();
    for (let time = 0; time < 3; time += 1) expect((await handler(call.clone())).status).toBe(200);
    await inbox.drain();
    expect((await handler(call.clone())).status).toBe(200);
    await inbox.drain();
    expect(onProfileDelete).toHaveBeenCalledOnce();
  });

  test("is tried again until its callback succeeds, and onError is told of each attempt that failed", async () => {
    const attempts: number[] = [];
    const { handler, inbox, errors } = receiver({
      onProfileDelete(_, { attempt }) {
        attempts.push(attempt);
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
      },
    });
    expect((await handler(await signer.sign())).status).toBe(200);
    await eventually(async () => {
      await inbox.drain();
      expect(attempts).toEqual([1, 2, 3]);
    });
    expect(errors).toMatchObject([
      { code: "callback_failed", cause: { message: "attempt 1" }, event: { profile: 7 } },
      { code: "callback_failed", cause: { message: "attempt 2" }, deliveryId: expect.any(String) },
    ]);
    expect(await inbox.stats()).toMatchObject({ completed: 1, retryable: 0 });
  });

  test("is given up at once by a DiscardError", async () => {
    const { handler, inbox } = receiver({
      onProfileDelete() {
        throw new DiscardError("The CRM no longer takes this profile.");
      },
    });
    await handler(await signer.sign());
    await inbox.drain();
    const { deliveries } = await inbox.list({ state: "discarded" });
    expect(deliveries).toMatchObject([{ attempt: 1, event: { profile: 7 } }]);
    expect((await inbox.get(deliveries[0]?.deliveryId ?? ""))?.errors).toMatchObject([
      { attempt: 1, message: expect.stringContaining("no longer takes") },
    ]);
  });

  test.each([
    ["that lacks a variable", BODY.replace("profile=7", "profile=x"), "invalid_event"],
    ["that can't be decoded", `a${"[b]".repeat(65)}=x`, "undecodable_body"],
  ])("%s is stored as discarded, with the reason, and answered 200", async (_, body, code) => {
    const { handler, inbox } = receiver({ onEvent() {} });
    expect((await handler(await signer.sign({ body }))).status).toBe(200);
    const { deliveries } = await inbox.list();
    expect(deliveries).toMatchObject([{ state: "discarded", attempt: 0 }]);
    const record = await inbox.get(deliveries[0]?.deliveryId ?? "");
    expect(record?.errors).toMatchObject([{ attempt: 0, message: expect.stringContaining(code) }]);
    expect(new TextDecoder().decode(record?.body)).toBe(body);
  });

  test("whose fields do not fit is discarded, and processed once the types are mended and it is replayed", async () => {
    let isMended = false;
    const validate = (value: unknown) => (isMended ? { value } : { issues: [{ message: "not yet" }] });
    const email = { "~standard": { version: 1, vendor: "test", validate } } as const;
    const onProfileDelete = vi.fn();
    const { handler, inbox, errors } = receiver({ databases: [database(1, { fields: { email }, onProfileDelete })] });
    expect((await handler(await signer.sign())).status).toBe(200);
    await inbox.drain();
    expect(errors).toMatchObject([{ code: "invalid_fields", faults: [{ variable: "fields.email" }] }]);
    expect(await inbox.stats()).toMatchObject({ discarded: 1, retryable: 0 });

    isMended = true;
    expect(await inbox.replay({ state: "discarded" })).toBe(1);
    await inbox.drain();
    expect(onProfileDelete).toHaveBeenCalledOnce();
    expect(await inbox.stats()).toMatchObject({ completed: 1, discarded: 0 });
  });

  test("of a sender that is not verified is not stored", async () => {
    const { handler, inbox } = receiver({ onEvent() {} });
    expect((await handler(await signer.sign({ sentBody: BODY.replace("7", "8") }))).status).toBe(401);
    expect((await handler(postEvent())).status).toBe(401);
    expect((await inbox.list()).deliveries).toEqual([]);
  });

  test("from anybody, with verify: false, has an id of its own", async () => {
    const { handler, inbox } = receiver({ account: undefined, verify: false, onEvent() {} });
    expect((await handler(postEvent())).status).toBe(200);
    expect((await handler(postEvent())).status).toBe(200);
    const ids = (await inbox.list()).deliveries.map(({ deliveryId }) => deliveryId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/);
  });
});

describe("an inbox that can't store", () => {
  /** An inbox over a store whose disk is full. */
  const away = () => {
    const full = () => Promise.reject(new Error("the disk is full"));
    return createInbox((policy) => ({ ...createMemoryStore(policy), add: full }), { onWarning() {} });
  };

  test("has the callbacks run at once, as the way out, and warns once", async () => {
    const onWarning = vi.fn();
    const onProfileDelete = vi.fn();
    const { handler } = receiver({ inbox: away(), onWarning, onProfileDelete });
    for (let time = 0; time < 3; time += 1) expect((await handler(await signer.sign())).status).toBe(200);
    expect(onProfileDelete).toHaveBeenCalledTimes(3);
    expect(onProfileDelete.mock.calls[0]?.[1]).toMatchObject({ attempt: 1, deliveryId: expect.any(String) });
    expect(onWarning).toHaveBeenCalledOnce();
    expect(onWarning.mock.calls[0]).toEqual([expect.stringContaining("can't store"), new Error("the disk is full")]);
  });

  test("is no reason to answer 200 to what its callback failed, or to what can't be understood", async () => {
    const { handler, errors } = receiver({ inbox: away(), onProfileDelete: () => Promise.reject(new Error("no")) });
    expect((await handler(await signer.sign())).status).toBe(500);
    expect((await handler(await signer.sign({ body: "type=delete" }))).status).toBe(422);
    expect(errors.map(({ code }) => code)).toEqual(["callback_failed", "invalid_event"]);
  });
});

describe("an inbox is refused at creation", () => {
  test.each<[string, object, RegExp]>([
    ["without account, as anyone could fill it", { inbox: memoryInbox() }, /inbox needs account/],
    ["beside a store of deliveries", { account: 1, inbox: memoryInbox(), deliveries: {} }, /deliveries/],
    ["if it is none", { account: 1, inbox: {} }, /inbox must be an object with the functions connect/],
    [
      "if it forgets deliveries while they can still be replayed",
      { account: 1, inbox: memoryInbox({ keep: { completedMs: 1_000 } }) },
      /keep completed deliveries for 600000 ms/,
    ],
  ])("%s", (_, options, complaint) => {
    expect(() => createWebhookHandler({ onWarning() {}, ...options } as unknown as InboxWebhookOptions)).toThrow(
      complaint,
    );
  });
});

import { describe, expect, test } from "vitest";
import { DiscardError, InboxUnavailableError } from "../../../src/inbox.ts";
import { kinds, open } from "./inboxes.ts";

test("the errors of an inbox have the names of their classes, and no status, as they are never answered", () => {
  for (const error of [new DiscardError("no"), new InboxUnavailableError("no")]) {
    expect(error).toHaveProperty("name", error.constructor.name);
    expect(error).not.toHaveProperty("status");
  }
});

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("refuses options that are misspelled or can't be used", () => {
    const refused = (options: object): unknown => {
      try {
        open.push(make(options));
      } catch (error) {
        return (error as { code?: unknown; message?: unknown }).message;
      }
      return undefined;
    };
    expect(refused({ concurency: 3 })).toMatch(/Inbox has no option concurency\. Did you mean concurrency\?/);
    expect(refused({ concurrency: 0 })).toMatch(/concurrency must be a whole number from 1 to 1000/);
    expect(refused({ attempts: 1.5 })).toMatch(/attempts must/);
    expect(refused({ order: "fifo" })).toMatch(/order must be "profile" or "none"/);
    expect(refused({ work: 1 })).toMatch(/work must/);
    expect(refused({ backoff: { first: 1 } })).toMatch(/Inbox: backoff has no option first\. Did you mean firstMs\?/);
    expect(refused({ backoff: { firstMs: 10, mostMs: 5 } })).toMatch(/backoff\.mostMs must be a whole number from 10/);
    expect(refused({ backoff: { jitter: 2 } })).toMatch(/jitter/);
    expect(refused({ keep: { completedMs: -1 } })).toMatch(/keep\.completedMs/);
    expect(refused({ leaseMs: 2 ** 31 })).toMatch(/leaseMs/);
    expect(refused({ maxBytes: "1GB" })).toMatch(/maxBytes/);
    expect(refused({ onDiscarded: true })).toMatch(/onDiscarded must be a function/);
    expect(refused({ concurrency: undefined, backoff: undefined, keep: { completedMs: undefined } })).toBeUndefined();
  });

  test("has one handler", async () => {
    const inbox = make({});
    open.push(inbox);
    await expect(inbox.drain()).rejects.toThrow("no handler");
    inbox.work(async () => undefined, { timeoutMs: 1_000 });
    expect(() => inbox.work(async () => undefined, { timeoutMs: 1_000 })).toThrow("make one for each handler");
  });
});

import { describe, expect, test, vi } from "vitest";
import { type Attempt, InboxUnavailableError } from "../../../src/inbox.ts";
import { kinds, ofProfile, received, start } from "./inboxes.ts";

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("stops once what is running has ended, and stores nothing after that", async () => {
    let ended = 0;
    const inbox = start(make, async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ended += 1;
      return undefined;
    });
    await inbox.receive(ofProfile(1, "a"));
    await inbox.receive(ofProfile(1, "b"));
    await vi.waitFor(async () => expect((await inbox.stats()).running).toBe(1));
    await inbox.stop();
    expect(ended).toBe(1);
    await expect(inbox.receive(received("c"))).rejects.toThrow(InboxUnavailableError);
    await expect(inbox.stats()).rejects.toThrow("The inbox is stopped.");
    await inbox.stop();
  });

  test("aborts what takes longer than the grace when it stops", async () => {
    let reason: unknown;
    const inbox = start(make, (_, { signal }: Attempt) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    });
    await inbox.receive(received("a"));
    await vi.waitFor(async () => expect((await inbox.stats()).running).toBe(1));
    await inbox.stop({ graceMs: 20 });
    expect(reason).toMatchObject({ name: "AbortError", message: "The inbox stops." });
  });
});

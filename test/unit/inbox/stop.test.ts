import { describe, expect, test } from "vitest";
import { type Attempt, InboxUnavailableError } from "../../../src/inbox.ts";
import { eventually, kinds, ofProfile, received, start } from "./inboxes.ts";

describe.each(kinds)("an inbox in $name", ({ make }) => {
  test("stops once what is running has ended, and stores nothing after that", async () => {
    const events: string[] = [];
    let end = (): void => {};
    const inbox = start(make, async ({ deliveryId }) => {
      events.push(`began ${deliveryId}`);
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      events.push(`ended ${deliveryId}`);
      return undefined;
    });
    await inbox.receive(ofProfile(1, "a"));
    await inbox.receive(ofProfile(1, "b"));
    await eventually(() => expect(events).toEqual(["began a"]));
    const stopped = inbox.stop().then(() => events.push("stopped"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    end();
    await stopped;
    expect(events).toEqual(["began a", "ended a", "stopped"]);
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
    await eventually(async () => expect((await inbox.stats()).running).toBe(1));
    await inbox.stop({ graceMs: 20 });
    expect(reason).toMatchObject({ name: "AbortError", message: "The inbox stops." });
  });
});

import { describe, expect, test } from "vitest";
import { createWebhookHandler } from "../../src/index.ts";
import { costOf } from "./cost.ts";
import { FORM, post, postEvent, profileCreated } from "./posts.ts";

/** Waits for a machine that does much else besides. */
const PATIENCE = { timeout: 60_000 };

const quiet = { onWarning() {}, onError() {} };

describe("the path", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      "/webhooks/copernica",
      ["/webhooks/copernica"],
      ["/", "/webhooks", "/webhooks/copernica/x", "/x/webhooks/copernica"],
    ],
    [
      "/webhooks/copernica",
      ["/webhooks/copernica/", "/webhooks/copernica?a=b"],
      ["/Webhooks/copernica", "/webhooksxcopernica"],
    ],
    ["/webhooks/copernica/", ["/webhooks/copernica", "/webhooks/copernica/"], ["/webhooks"]],
    ["/hooks/:customer", ["/hooks/7", "/hooks/a%2Fb", "/hooks/7/"], ["/hooks", "/hooks/", "/hooks/7/8"]],
    ["/hooks/:customer?", ["/hooks/7", "/hooks"], ["/hooks/7/8"]],
    ["/hooks/:customer/:kind", ["/hooks/7/profiles"], ["/hooks/7"]],
    ["/hooks/*", ["/hooks", "/hooks/a", "/hooks/a/b"], ["/hook", "/", "/a/hooks/b"]],
    ["/v1.0/hooks", ["/v1.0/hooks"], ["/v1x0/hooks"]],
    ["/", ["/", ""], ["/hooks"]],
    ["*", ["/", "", "/any/path/at/all", "/%00"], []],
  ])("%s", async (path, accepted, refused) => {
    const handler = createWebhookHandler({ ...quiet, path });
    for (const target of accepted) {
      expect((await handler(postEvent(profileCreated, `https://receiver.example${target}`))).status, target).toBe(200);
    }
    for (const target of refused) {
      expect((await handler(postEvent(profileCreated, `https://receiver.example${target}`))).status, target).toBe(404);
    }
  });

  test(
    "of more than 512 characters is refused before any pattern is tried, whose cost is bounded by that",
    PATIENCE,
    async () => {
      const handler = createWebhookHandler({ ...quiet, path: "/:one-:two-:three/end" });
      const post = (length: number) => postEvent(profileCreated, `https://receiver.example/${"-".repeat(length - 1)}`);
      expect((await handler(post(512))).status).toBe(404);
      const refused = await handler(post(513));
      expect([refused.status, (await refused.json()).code]).toEqual([414, "path_too_long"]);
      const plain = await costOf(() => handler(postEvent(profileCreated, "https://receiver.example/other")));
      expect((await costOf(() => handler(post(4_000)))) / plain).toBeLessThan(50);
      expect(() => createWebhookHandler({ ...quiet, path: "/:one-:two-:three-:four" })).toThrow(/at most 3 parameters/);
    },
  );

  test("is any path by default, of any host", async () => {
    const handler = createWebhookHandler(quiet);
    for (const url of ["http://localhost:3000", "https://receiver.example/any/path?x", "http://[::1]/#x"]) {
      expect((await handler(postEvent(profileCreated, url))).status).toBe(200);
    }
  });

  test("is matched without a look at the query, whose cost is not that of its length squared", PATIENCE, async () => {
    const handler = createWebhookHandler({ ...quiet, path: "/webhooks/:name" });
    let count = 0;
    const answer = async (query: string) => {
      count += 1; // another path each time, since that of the last request may be remembered
      const request = postEvent(profileCreated, `https://receiver.example/webhooks/${count}?${query}`);
      expect((await handler(request)).status).toBe(200);
    };
    const parameters = "a=b&".repeat(20_000);
    const plain = await costOf(() => answer("x".repeat(parameters.length)));
    expect((await costOf(() => answer(parameters))) / plain).toBeLessThan(50);
  });

  test("is checked anew for each request", async () => {
    const handler = createWebhookHandler({ ...quiet, path: "/hooks/:name" });
    const statuses: number[] = [];
    for (const target of ["/hooks/a", "/hooks/a", "/hooks", "/hooks/a?b", "/a", "/hooks/a", "/hooks/b", "/hooks"]) {
      statuses.push((await handler(postEvent(profileCreated, `https://receiver.example${target}`))).status);
    }
    expect(statuses).toEqual([200, 200, 404, 200, 404, 200, 200, 404]);
    expect((await handler(new Request("https://receiver.example/hooks/b", { method: "PUT" }))).status).toBe(405);
  });
});

describe("the Host header", () => {
  const send = (host: string, handler = createWebhookHandler(quiet)) => {
    return handler(post("type=x", { "content-type": FORM, host }));
  };

  test.each(["[", "a b", "a@b", "x#", "x/y", "x?", "a:b", "a:123456", "[::1", "é", " ", ""])(
    "%j is refused with 400",
    async (host) => {
      const errors: unknown[] = [];
      const handler = createWebhookHandler({ ...quiet, onError: (error) => errors.push(error) });
      const response = await send(host, handler);
      expect([response.status, (await response.json()).code]).toEqual([400, "invalid_host"]);
      expect(errors).toMatchObject([{ code: "invalid_host" }]);
    },
  );

  test.each([
    "hooks.example.com",
    "HOOKS.example.com:443",
    "localhost:3000",
    "127.0.0.1",
    "[::1]:80",
    "my_host",
    "xn--e1a.nl.",
  ])("%j is accepted", async (host) => {
    expect((await send(host)).status).toBe(200);
  });

  test("that makes a URL which can't be read is refused with 400", async () => {
    const request = {
      method: "POST",
      headers: new Headers({ "content-type": FORM }),
      get url(): string {
        throw new TypeError("Invalid URL");
      },
    };
    expect((await createWebhookHandler(quiet)(request as unknown as Request)).status).toBe(400);
    const relative = { method: "POST", headers: new Headers(), url: "/hook" };
    expect((await createWebhookHandler(quiet)(relative as unknown as Request)).status).toBe(400);
  });
});

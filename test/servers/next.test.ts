import { describe, expect, test } from "vitest";
import { addAppTests, readExample, useApp } from "./app.ts";
import { PATH, profileCreation, signBody } from "./messages.ts";
import { here } from "./server.ts";

/** A query that Next passes on as it came. */
const PLAIN_QUERY = "?a=b-1&c=%7E1";

describe("Next", () => {
  // The examples are JavaScript too, and as such Next builds them without TypeScript of its own.
  const app = useApp({
    files: {
      [`app${PATH}/route.js`]: readExample("next-route.ts"),
      "pages/api/copernica.js": readExample("next-api.ts"),
      "app/layout.js": "export default ({ children }) => children;",
      "next.config.js": `export default { turbopack: { root: ${JSON.stringify(here("../.."))} } };`,
    },
    build: ["next", "build"],
    start: () => [here("../../node_modules/next/dist/bin/next"), "start"],
  });

  describe("with an app router", () => {
    addAppTests(app, PATH, PLAIN_QUERY);

    test("rewrites a query of other characters, so that its signature does not verify", async () => {
      const answer = await app.answerTo(await signBody({ ...profileCreation(), target: `${PATH}?a=%20b` }));
      expect([answer?.status, JSON.parse(answer?.body ?? "").code]).toEqual([401, "signature_mismatch"]);
    });

    test("answers GET itself, as the route has POST alone", async () => {
      expect((await app.answerTo({ method: "GET" }))?.status).toBe(405);
    });
  });

  describe("with a pages router", () => {
    addAppTests(app, "/api/copernica", PLAIN_QUERY);

    test("passes GET on, which the handler refuses", async () => {
      const answer = await app.answerTo({ method: "GET", target: "/api/copernica" });
      expect([answer?.status, answer?.headers.get("allow")]).toEqual([405, "POST"]);
    });
  });
});

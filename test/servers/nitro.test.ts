import { describe, expect, test } from "vitest";
import { addAppTests, readExample, useApp } from "./app.ts";
import { PATH } from "./messages.ts";

describe("Nitro 3", () => {
  const app = useApp({
    files: { [`routes${PATH}.post.ts`]: readExample("nitro.ts") },
    build: ["nitro", "build"],
    start: (folder) => [`${folder}/.output/server/index.mjs`],
  });
  addAppTests(app, PATH);

  test("answers GET itself, as the file is for POST alone", async () => {
    expect((await app.answerTo({ method: "GET" }))?.status).toBe(404);
  });
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** What mutation testing runs for each mutant: the tests of signatures, keys and decoding, without those that measure time. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/unit/{decode,decode-corpus,signature,verify,keys,hostile}.test.ts"],
    testNamePattern: /^(?!.*(?:grows no faster|linear time))/,
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** What mutation testing runs for each mutant: the tests of signatures and of decoding, without those that measure time. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/unit/{decode,decode-corpus,signature,verify,hostile}.test.ts"],
    testNamePattern: /^(?!.*(?:grows no faster|linear time))/,
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * The suite in test/unit runs on every runtime. The others start servers, runtimes and compilers from Node, and use the
 * built package: run `npm run build` first.
 */
const together = ["unit", "inbox", "deliveries", "dns", "workerd", "cli"];

/** These measure time and memory, so that load from another suite would disturb them: one runs after the other. */
const apart = ["package", "servers", "load"];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    reporters: ["minimal"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      ...together.map((name) => ({
        extends: true as const,
        // Vitest leaves a core alone unless told otherwise, which is half of a machine that has two.
        test: { name, include: [`test/${name}/**/*.test.ts`], maxWorkers: "100%", sequence: { groupOrder: 0 } },
      })),
      ...apart.map((name, index) => ({
        extends: true as const,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          fileParallelism: name === "package",
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});

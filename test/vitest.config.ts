import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * The suite in test/unit runs on every runtime. The others start servers, runtimes and compilers from Node, and use the
 * built package: run `npm run build` first. One suite runs after the other, so that load on one does not disturb another.
 */
const suites = ["unit", "inbox", "deliveries", "dns", "workerd", "package", "cli", "servers", "load"];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    reporters: ["minimal"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: suites.map((name, groupOrder) => ({
      extends: true,
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        fileParallelism: name !== "servers" && name !== "load",
        sequence: { groupOrder },
      },
    })),
  },
});

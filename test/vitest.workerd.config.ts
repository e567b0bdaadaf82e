import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Runs the suite in test/unit inside workerd. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  plugins: [cloudflareTest({ miniflare: { compatibilityDate: "2026-04-01", compatibilityFlags: ["nodejs_compat"] } })],
  test: { include: ["test/unit/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});

import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/**
 * What workerd remarks on bytes that tests put into headers and bodies on purpose: more than a thousand lines, which its pool
 * prints as they come, and which no option turns off.
 */
const remark =
  /^(?:A header value for "|.*" \(raw bytes: "\S*"\)\. As a quirk |console warning; message = Called \.text\(\) on an HTTP body)/;
process.stdout.write = new Proxy(process.stdout.write, {
  apply: (write, stdout, parameters) => remark.test(String(parameters[0])) || Reflect.apply(write, stdout, parameters),
});

/** Runs the suite in test/unit inside workerd. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  logLevel: "error",
  plugins: [cloudflareTest({ miniflare: { compatibilityDate: "2026-04-01", compatibilityFlags: ["nodejs_compat"] } })],
  test: {
    include: ["test/unit/**/*.test.ts"],
    reporters: ["minimal"],
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

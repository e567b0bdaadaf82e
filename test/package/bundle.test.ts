import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./compile.ts";
import { installPackage, type Project, received } from "./installed.ts";

/**
 * The most that the core may cost, with its dependencies, as a minified and gzipped ES module: what it does cost, and room for
 * one more event. The aim is 14.5 KB, which it misses, and would miss without a single message, too: lower this with whatever
 * gets smaller.
 */
const BUDGET_BYTES = 18.5 * 1_024;

let project: Project;
beforeAll(() => {
  project = installPackage();
});
afterAll(() => project?.remove());

/** Bundles a program of the project's; whatever is left to be imported at run time is an error. */
async function bundle(program: string, options: esbuild.BuildOptions): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: program, resolveDir: project.folder, loader: "ts" },
    bundle: true,
    write: false,
    target: "es2022",
    legalComments: "none",
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

const browser: esbuild.BuildOptions = { platform: "browser", format: "iife", globalName: "program" };
const worker: esbuild.BuildOptions = { platform: "browser", conditions: ["workerd", "worker"], format: "esm" };

function gzippedSize(text: string): number {
  return gzipSync(text, { level: 9 }).byteLength;
}

describe("the size of a bundle", () => {
  test(`the core costs at most ${BUDGET_BYTES} bytes, minified and gzipped, its dependencies included`, async () => {
    const program = 'export { createWebhookHandler } from "copernica-webhooks";';
    expect(gzippedSize(await bundle(program, { ...worker, minify: true }))).toBeLessThanOrEqual(BUDGET_BYTES);
  });

  test("fields and testing cost nothing to who does not import them", async () => {
    const entryPoints = [join(root, "src/index.ts")];
    const { metafile } = await esbuild.build({ ...worker, entryPoints, bundle: true, write: false, metafile: true });
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => {
      return Object.keys(inputs).filter((file) => (inputs[file]?.bytesInOutput ?? 0) > 0);
    });
    expect(files).toContainEqual(expect.stringMatching(/(?:^|\/)src\/handler\/handler\.ts$/));
    expect(files.filter((file) => /(?:^|\/)src\/(?:fields|testing|generate)\b/.test(file))).toEqual([]);
  });
});

test.each(["js", "cjs"])(
  "the main entry loads one file beside index.%s, as each takes Node a millisecond or so",
  async (extension) => {
    const entryPoints = [`dist/index.${extension}`];
    const options = { absWorkingDir: root, bundle: true, packages: "external", write: false, metafile: true } as const;
    const { metafile } = await esbuild.build({ ...options, entryPoints });
    expect(Object.keys(metafile.inputs).sort()).toEqual([`dist/core.${extension}`, ...entryPoints]);
  },
);

describe("a program that receives a signed event, in one file", () => {
  let program: string;
  beforeAll(() => {
    program = readFileSync(join(import.meta.dirname, "consumer.ts"), "utf8");
  });

  test("runs where there are web standards alone: no node: module, no Buffer, no process", async () => {
    const { AbortController, AbortSignal, Headers, Request, Response, TextDecoder, TextEncoder, URL } = globalThis;
    const { atob, btoa, clearTimeout, console, crypto, fetch, setTimeout } = globalThis;
    const context = createContext({
      ...{ AbortController, AbortSignal, Headers, Request, Response, TextDecoder, TextEncoder, URL },
      ...{ atob, btoa, clearTimeout, console, crypto, fetch, setTimeout },
    });
    runInContext(await bundle(program, browser), context);
    expect(await runInContext("program.receive()", context)).toBe(received);
    expect(runInContext("[typeof process, typeof Buffer, typeof require]", context)).toEqual(
      Array(3).fill("undefined"),
    );
  });

  test("runs as a Worker without nodejs_compat", async () => {
    const answer = 'export default { fetch: async () => new Response(await receive() + ", " + typeof process) };';
    const script = await bundle(`${program}\n${answer}`, worker);
    const miniflare = new Miniflare({ modules: true, script, compatibilityDate: "2026-04-01" });
    try {
      const response = await miniflare.dispatchFetch("https://example.com/");
      expect(await response.text()).toBe(`${received}, undefined`);
    } finally {
      await miniflare.dispose();
    }
  });
});

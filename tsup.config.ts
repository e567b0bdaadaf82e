import { posix, relative, resolve, sep } from "node:path";
import { build, type Plugin } from "esbuild";
import { defineConfig, type Options } from "tsup";

/** What both builds have in common. */
const target = { target: "es2022", removeNodeProtocol: false } satisfies Options;

/** The package's entries. */
export const library: Options & { readonly entry: string[] } = {
  ...target,
  entry: [
    "src/index.ts",
    "src/fields.ts",
    "src/generate.ts",
    "src/inbox.ts",
    "src/inbox/pg-boss.ts",
    "src/inbox/sqlite.ts",
    "src/node.ts",
    "src/testing.ts",
  ],
  format: ["esm", "cjs"],
  platform: "neutral",
  splitting: true,
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  clean: ["!cli.js"],
};

/** The program. What it takes from entries of the package lies beside it: nothing is installed twice. */
export const program: Options & { readonly entry: string[] } = {
  ...target,
  entry: ["src/cli.ts"],
  format: "esm",
  platform: "node",
  minify: true,
  esbuildPlugins: [
    {
      name: "own-entries",
      setup(build) {
        build.onResolve({ filter: /^(?:\.\.\/)+(?:generate|inbox\/(?:pg-boss|sqlite))\.ts$/ }, ({ path }) => ({
          path: path.replace(/^(?:\.\.\/)+/, "./").replace(/\.ts$/, ".js"),
          external: true,
        }));
      },
    },
  ],
};

/**
 * Puts what the main entry shares with others into one file, core.js. By itself esbuild makes a file of each set of entries
 * that share something, eight for the main one, and to load so many takes Node as long as all the rest.
 */
async function shareOneCore(): Promise<Plugin> {
  const { metafile } = await build({
    entryPoints: library.entry,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    packages: "external",
    outdir: "dist",
    metafile: true,
    write: false,
  });
  const outputs = Object.entries(metafile.outputs);
  const folders = new Map(
    outputs.flatMap(([path, { inputs }]) => Object.keys(inputs).map((file) => [file, posix.dirname(path)])),
  );
  const loaded = new Set(["dist/index.js"]);
  for (const path of loaded) {
    for (const { path: next, external } of metafile.outputs[path]?.imports ?? [])
      if (external !== true) loaded.add(next);
  }
  const shared = outputs.filter(([path, { entryPoint }]) => entryPoint === undefined && loaded.has(path));
  const core = shared.flatMap(([, { inputs }]) => Object.keys(inputs));
  const nameOf = (path: string): string => relative(import.meta.dirname, path).replaceAll(sep, "/");
  return {
    name: "one-core",
    setup({ initialOptions, onResolve, onLoad }) {
      const extension = initialOptions.outExtension?.[".js"] ?? ".js";
      initialOptions.outbase = "src";
      initialOptions.entryPoints = [...library.entry, { in: "core", out: "core" }];
      onResolve({ filter: /^core$/ }, () => ({ path: "core", namespace: "core" }));
      onLoad({ filter: /^/, namespace: "core" }, () => ({
        contents: core.map((file) => `export * from "./${file}";`).join("\n"),
        resolveDir: import.meta.dirname,
      }));
      onResolve({ filter: /^\.{1,2}\//, namespace: "file" }, ({ path, importer, resolveDir }) => {
        const from = nameOf(importer);
        const to = nameOf(resolve(resolveDir, path));
        if (!core.includes(to) || core.includes(from)) return undefined;
        return { path: `./${posix.relative(folders.get(from) ?? "dist", "dist/core")}${extension}`, external: true };
      });
    },
  };
}

/**
 * Names the ES module of superstruct, whose package names one to bundlers alone: Node reads its CommonJS file otherwise, which
 * takes as long as all the rest of the main entry.
 */
const superstructModule: Plugin = {
  name: "superstruct-module",
  setup({ initialOptions: { outExtension }, onResolve }) {
    const path = outExtension?.[".js"] === ".cjs" ? "superstruct" : "superstruct/dist/index.mjs";
    onResolve({ filter: /^superstruct$/ }, () => ({ path, external: true }));
  },
};

export default defineConfig(async () => [
  // Named here as what tsup does not leave out by itself, before any plugin sees it.
  { ...library, noExternal: ["superstruct"], esbuildPlugins: [superstructModule, await shareOneCore()] },
  program,
]);

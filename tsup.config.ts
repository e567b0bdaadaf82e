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

export default defineConfig([library, program]);

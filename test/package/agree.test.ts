import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { library, program } from "../../tsup.config.ts";
import { root } from "./compile.ts";

const npm = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const jsr = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8"));

test("npm and JSR have the same version, under the same license", () => {
  expect(jsr.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect([jsr.version, jsr.license]).toEqual([npm.version, npm.license]);
});

test("npm and JSR have the same entries, made of the same sources", () => {
  const entries = Object.keys(npm.exports).filter((entry) => entry !== "./package.json");
  expect(Object.keys(jsr.exports).filter((entry) => entry !== "./cli")).toEqual(entries);
  for (const entry of entries) {
    const name = entry === "." ? "index" : entry.slice("./".length);
    expect(jsr.exports[entry]).toBe(`./src/${name}.ts`);
    expect(existsSync(join(root, jsr.exports[entry]))).toBe(true);
    expect(library.entry).toContain(`src/${name}.ts`);
    expect(npm.exports[entry]).toEqual({
      import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    });
  }
  expect(library.entry).toHaveLength(entries.length);
});

test("npm has the command line as its program, and JSR as an entry, made of the same source", () => {
  expect(npm.bin).toBe("./dist/cli.js");
  expect(jsr.exports["./cli"]).toBe("./src/cli.ts");
  expect(program.entry).toEqual(["src/cli.ts"]);
});

test("npm and JSR have the same dependencies, at the same versions: itty-router and superstruct", () => {
  const imports = Object.values<string>(jsr.imports).map((specifier) => {
    const [, name, range] = /^npm:([^@]+)@([^/]+)/.exec(specifier) ?? [];
    return [name, range];
  });
  expect(Object.fromEntries(imports)).toEqual(npm.dependencies);
  expect(Object.keys(npm.dependencies)).toEqual(["itty-router", "superstruct"]);
});

test("the unit tests run on each lowest version of Node that package.json says it takes, as part of all checks", () => {
  const lowest: string[] = npm.engines.node.match(/\d+(?:\.\d+)*/g);
  expect(lowest).not.toEqual([]);
  expect([...npm.scripts["test:lowest"].matchAll(/\bnode@(\S+)/g)].map(([, version]) => version)).toEqual(lowest);
  expect(npm.scripts.check).toContain("npm run test:lowest");
});

test("CONTRIBUTING names the versions of Node that package.json does", () => {
  const contributing = readFileSync(join(root, ".github/CONTRIBUTING.md"), "utf8");
  const sentence = /^You need Git and Node: .*/m.exec(contributing)?.[0] ?? "";
  const needed: string[] = npm.devEngines.runtime.version.match(/\d+(?:\.\d+)*/g);
  expect(needed).not.toEqual([]);
  expect(needed.filter((version) => !sentence.includes(version.replace(/(?:\.0)+$/, "")))).toEqual([]);
  const [lowest] = npm.engines.node.match(/\d+(?:\.\d+)*/);
  expect(contributing).toContain(`node@${lowest} `);
});

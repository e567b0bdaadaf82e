import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "./compile.ts";
import { installPackage, type Project, received, repository } from "./installed.ts";

const consumer = readFileSync(join(import.meta.dirname, "consumer.ts"), "utf8");

let project: Project;
beforeAll(() => {
  project = installPackage();
  for (const extension of ["ts", "mts", "cts"]) project.write(`consumer.${extension}`, consumer);
});
afterAll(() => project?.remove());

/** A compiler: the version of its TypeScript, and the file to run. */
interface Compiler {
  readonly version: string;
  readonly file: string;
}

function findCompiler(require: NodeJS.Require): Compiler {
  return { version: require("typescript/package.json").version, file: require.resolve("typescript/bin/tsc") };
}

const require = createRequire(import.meta.url);
const ours = findCompiler(require);
/** The lowest TypeScript that users may have, installed apart from ours. */
const lowest = findCompiler(createRequire(require.resolve("typescript-lowest/package.json")));

/** Compiles files of the project to JavaScript and declarations; any complaint fails the test. */
function compile(
  module: string,
  platform: keyof typeof platforms,
  options: readonly string[],
  compiler: Compiler = ours,
): void {
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
  const output = ["--target", "es2022", "--declaration"];
  const parameters = ["--module", module, ...platforms[platform], ...strict, ...output, ...options];
  expect(project.run("node", compiler.file, ...parameters)).toBe("");
}

/** What a program may know of its platform. */
const platforms = {
  "the DOM": ["--lib", "es2022,dom"],
  "a worker": ["--lib", "es2022,webworker"],
  "Node alone": ["--lib", "es2022", "--types", "node", "--typeRoots", join(root, "node_modules/@types")],
};

/** A file of the package, as it is installed in the project. */
function readInstalled(file: string): string {
  return readFileSync(join(project.folder, "node_modules/copernica-webhooks", file), "utf8");
}

describe("what is packed", () => {
  test("is the build, and what people read", () => {
    const others = project.files.filter((file) => !/^dist\/(?:inbox\/)?[\w-]+\.(?:js|cjs|d\.ts|d\.cts)$/.test(file));
    expect(others.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  });

  test("names the repository that it is published from, its page, and where to report faults", () => {
    expect(JSON.parse(readInstalled("package.json"))).toMatchObject({
      repository: { type: "git", url: `git+${repository}.git` },
      bugs: { url: `${repository}/issues` },
      homepage: `${repository}#readme`,
    });
  });

  test("for JSR is what jsr.json includes", () => {
    const { publish } = JSON.parse(readFileSync(join(root, "jsr.json"), "utf8"));
    expect(readdirSync(project.jsrFolder).sort()).toEqual(publish.include.sort());
    expect(readdirSync(join(project.jsrFolder, "src"), { recursive: true }).sort()).toEqual(
      readdirSync(join(root, "src"), { recursive: true }).sort(),
    );
  });

  test("has a README whose links work on npm's page and on JSR's, to the files of this version", () => {
    const { version } = JSON.parse(readInstalled("package.json"));
    const readmes = [readInstalled("README.md"), readFileSync(join(project.jsrFolder, "README.md"), "utf8")];
    for (const readme of readmes) {
      const text = readme.replace(/^```.*?^```$/gms, "");
      const links = text.matchAll(/\]\(([^)\s]+)|^\[[^\]]+\]: *(\S+)|\b(?:href|src)="([^"]+)/gm);
      const targets = [...links].map(([, inline, reference, html]) => inline ?? reference ?? html ?? "");
      expect(targets.filter((target) => !/^(?:#|https:\/\/)/.test(target))).toEqual([]);
      const files = targets.filter((target) => target.startsWith(repository));
      expect(files).not.toEqual([]);
      const start = new RegExp(`^${repository}/(?:blob|raw|tree)/v${version}/`);
      expect(files.filter((target) => !existsSync(join(root, target.replace(start, "").replace(/#.*/, ""))))).toEqual(
        [],
      );
    }
  });

  test("declares its types itself: no declaration imports one of another package", () => {
    const declarations = project.files.filter((file) => /\.d\.c?ts$/.test(file));
    expect(declarations).not.toEqual([]);
    const imported = declarations.flatMap((file) => {
      const text = readInstalled(file);
      return [...text.matchAll(/^(?:im|ex)port .*from ['"](.*)['"];$|\bimport\(['"](.*?)['"]\)/gm)].map(
        ([, from, inline]) => from ?? inline,
      );
    });
    expect(imported).not.toEqual([]);
    expect(imported.filter((specifier) => !/^\.\.?\//.test(specifier ?? ""))).toEqual([]);
  });

  test("declares the values that it exports, and no others", async () => {
    const files: string[] = [];
    for (const name of ["index", "fields", "generate", "node", "testing"]) {
      for (const [extension, source] of Object.entries({ js: "mts", cjs: "cts" })) {
        const entry = await import(join(project.folder, `node_modules/copernica-webhooks/dist/${name}.${extension}`));
        const ofNode = ["default", "module.exports", "__esModule"]; // as it shows a CommonJS module
        const values = Object.keys(entry).filter((value) => !ofNode.includes(value));
        expect(values).not.toEqual([]);
        const specifier = name === "index" ? "copernica-webhooks" : `copernica-webhooks/${name}`;
        const lines = [
          `import * as entry from "${specifier}";`,
          "type Declared = keyof typeof entry;",
          `type Exported = ${values.map((value) => JSON.stringify(value)).join(" | ")};`,
          "export const undeclared: never[] = [] as Exclude<Exported, Declared>[];",
          "export const unexported: never[] = [] as Exclude<Declared, Exported>[];",
        ];
        files.push(project.write(`values-${name}.${source}`, lines.join("\n")));
      }
    }
    compile("nodenext", "the DOM", files);
  });
});

describe.each([
  [lowest.version, lowest],
  [ours.version, ours],
] as const)("a program type-checks with TypeScript %s, without skipLibCheck", (_, compiler) => {
  test.each([
    ["node16", "the DOM", ["consumer.mts", "consumer.cts"]],
    ["nodenext", "the DOM", ["consumer.mts", "consumer.cts"]],
    ["nodenext", "Node alone", ["consumer.mts", "consumer.cts"]],
    ["preserve", "the DOM", ["consumer.ts"]],
    ["preserve", "a worker", ["consumer.ts"]],
  ] as const)("under module %s, for %s", (module, platform, files) => {
    compile(module, platform, ["--outDir", "checked", ...files], compiler);
  });
});

describe("a program receives a signed event", () => {
  test("with Node's server, whose errors are the handler's own, as an ES module and as a CommonJS module", () => {
    const body = `
      const server = createServer(toNodeHandler(createWebhookHandler({ verify: false, maxBodyBytes: 9, onEvent() {} })));
      server.listen(0, "127.0.0.1", async () => {
        const url = "http://127.0.0.1:" + server.address().port;
        const { status } = await fetch(url, { method: "POST", body: new URLSearchParams({ type: "create" }) });
        console.log(status);
        server.close();
        server.closeAllConnections();
      });
    `;
    const imports = {
      "server.mjs": (names: string, from: string) => `import { ${names} } from "${from}";`,
      "server.cjs": (names: string, from: string) => `const { ${names} } = require("${from}");`,
    };
    for (const [name, line] of Object.entries(imports)) {
      const head = [
        line("createServer", "node:http"),
        line("createWebhookHandler", "copernica-webhooks"),
        line("toNodeHandler", "copernica-webhooks/node"),
      ];
      project.write(name, [...head, body].join("\n"));
      expect(project.run("node", name).trim()).toBe("413");
    }
  });

  test("as an ES module and as a CommonJS module of Node", () => {
    compile("nodenext", "the DOM", ["consumer.mts", "consumer.cts"]);
    project.write("main.mjs", 'import { receive } from "./consumer.mjs";\nreceive().then(console.log);');
    project.write("main.cjs", 'require("./consumer.cjs").receive().then(console.log);');
    expect(project.run("node", "main.mjs").trim()).toBe(received);
    expect(project.run("node", "main.cjs").trim()).toBe(received);
  });

  test("on Bun", () => {
    project.write("main.ts", 'import { receive } from "./consumer.ts";\nreceive().then(console.log);');
    expect(project.run("bun", "main.ts").trim()).toBe(received);
  });

  test("on Deno, through npm:, which checks its types", () => {
    project.write("deno.ts", consumer.replaceAll('"copernica-webhooks', '"npm:copernica-webhooks'));
    project.write("main-deno.ts", 'import { receive } from "./deno.ts";\nreceive().then(console.log);');
    expect(project.run("deno", "run", "--check", "--allow-env", "main-deno.ts").trim()).toBe(received);
  });
});

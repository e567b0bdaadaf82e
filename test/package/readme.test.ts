import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { callbackNames, events, listVariables } from "../../src/events/map.ts";
import { DEFAULT_TIME_ZONE } from "../../src/events/timestamp.ts";
import { createWebhookHandler } from "../../src/handler/handler.ts";
import { DEFAULT_BODY_TIMEOUT_MS, DEFAULT_MAX_BODY_BYTES, DEFAULT_TIMEOUT_MS } from "../../src/handler/settings.ts";
import { DEFAULT_KEY_DOMAIN } from "../../src/signature/keys.ts";
import { DEFAULT_MAX_AGE_SECONDS } from "../../src/signature/verify.ts";
import { encodeForm, samples } from "../../src/testing.ts";
import { answersByCode } from "../fixtures/errors.ts";
import { createProgram, root, strict } from "./compile.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const contributing = readFileSync(join(root, ".github/CONTRIBUTING.md"), "utf8");
const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
const manifest: { readonly version: string; readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);

/** A code block, and where it stands: the file, and the line of its first line of code. */
interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

function blocksOf(file: string, text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language = "", 2: code = "", index }) => {
    return { file, line: text.slice(0, index).split("\n").length + 1, language, code };
  });
}

/** The code blocks in the doc comments of a source; the lines between the comments are left empty, so that numbers hold. */
function examplesOf(name: string): Block[] {
  const text = readFileSync(join(root, "src", name), "utf8");
  let comments = "";
  let end = 0;
  for (const { 0: comment, index } of text.matchAll(/\/\*\*.*?\*\//gs)) {
    comments += text.slice(end, index).replace(/[^\n]/g, "") + comment.replace(/^ *\* ?/gm, "");
    end = index + comment.length;
  }
  return blocksOf(`src/${name}`, comments);
}

const readmeBlocks = blocksOf("README.md", readme);
const typescriptBlocks = [...readmeBlocks, ...sources.flatMap(examplesOf)].filter(({ language }) => language === "ts");
/** Whether a block needs the globals of Bun, or imports what does, or a package whose own types bring those of Node. */
const usesRuntimeTypes = ({ code }: Block) =>
  /\bBun\.|\bprocess\.|from "(?:node:|redis|express|fastify|\.\/handler\.ts)/.test(code);
const usesDeno = ({ code }: Block) => /\bDeno\./.test(code);

/** Blocks that must not compile, to show that the check can fail. */
const wrongBlocks = [
  'import { createWebhookHandler } from "copernica-webhooks";\n\ncreateWebhookHandler({ onProfil() {} });',
  "process.exit();",
  "Bun.serve({});",
].map((code) => ({ file: "wrong", line: 1, language: "ts", code }));

/** What the blocks use of Deno, by its structure. */
const deno = `
declare const Deno: {
  serve(options: { port: number }, handler: (request: Request, info: { remoteAddr: unknown }) => Promise<Response>): void;
  env: { get(name: string): string | undefined };
};`;

interface Compilation {
  readonly program: ts.Program;
  readonly faults: readonly string[];
}

/** Compiles blocks in one program, each a module of its own. */
function compile(blocks: readonly Block[], types: string[]): Compilation {
  // A block that begins with the name of a file is that file, for the others to import.
  const files = new Map(
    blocks.map((block, index) => [/^\/\/ ([\w.-]+\.ts)\b/.exec(block.code)?.[1] ?? `block-${index}.ts`, block]),
  );
  const texts = [...files].map(([name, block]) => [name, usesDeno(block) ? block.code + deno : block.code]);
  const program = createProgram(Object.fromEntries(texts), { ...strict, types });
  const faults = [...files].flatMap(([name, block]) => {
    const source = program.getSourceFile(join(import.meta.dirname, name));
    return ts.getPreEmitDiagnostics(program, source).map(({ start = 0, messageText }) => {
      const line = block.line + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${block.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
  return { program, faults };
}

let compilation: Compilation | undefined;

/** The blocks that need no runtime's types, and those that are wrong; compiled once. */
function compileOnce(): Compilation {
  compilation ??= compile([...typescriptBlocks.filter((block) => !usesRuntimeTypes(block)), ...wrongBlocks], []);
  return compilation;
}

describe("code blocks", () => {
  test("of README and of doc comments type-check under strict, runtimes' globals only where they are used", () => {
    const { faults } = compileOnce();
    expect(faults.filter((fault) => !fault.startsWith("wrong:"))).toEqual([]);
    expect(faults.filter((fault) => fault.startsWith("wrong:"))).toEqual([
      expect.stringMatching(/^wrong:3: .*onProfil/s),
      expect.stringMatching(/^wrong:1: .*process/s),
      expect.stringMatching(/^wrong:1: .*Bun/s),
    ]);
    expect(typescriptBlocks.filter(({ file }) => file === "README.md").length).toBeGreaterThan(8);
    expect(typescriptBlocks.filter(({ file }) => file !== "README.md").length).toBeGreaterThan(8);
  });

  test("for Bun, or of packages that need Node's types, type-check with Bun's own types", () => {
    const blocks = typescriptBlocks.filter(usesRuntimeTypes);
    expect(blocks).not.toEqual([]);
    expect(compile(blocks, ["bun-types"]).faults).toEqual([]);
  });

  test("of README have a language that is checked here", () => {
    expect([...new Set(readmeBlocks.map(({ language }) => language))].sort()).toEqual(["json", "sh", "ts"]);
  });

  test("in JSON are what the handler answers", async () => {
    const handler = createWebhookHandler({ onError() {}, onWarning() {} });
    const body = new URLSearchParams(encodeForm({ ...samples["profile.create"], profile: "abc" }));
    const answer = await handler(new Request("https://example.com/", { method: "POST", body }));
    const shown = readmeBlocks.filter(({ language }) => language === "json").map(({ code }) => JSON.parse(code));
    expect(shown).toEqual([await answer.json()]);
  });
});

describe.each([
  ["README", readme],
  ["CONTRIBUTING", contributing],
])("%s names only what exists:", (_, text) => {
  test("npm scripts", () => {
    const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test))\b/g)].map(([, script, short]) => script ?? short);
    expect(named.filter((script) => !Object.hasOwn(manifest.scripts, script ?? ""))).toEqual([]);
    expect(named).toContain("test");
  });

  test("files and folders", () => {
    const named = [...text.matchAll(/(?<![\w/.-])(?:src|test|examples)(?:\/[\w.-]*\w)*/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(named).not.toEqual([]);
  });

  test("headings", () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
      return `#${heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replaceAll(" ", "-")}`;
    });
    const linked = [...text.matchAll(/\]\((#[^)]*)\)/g)].map(([, anchor]) => anchor);
    expect(linked.filter((anchor) => !anchors.includes(anchor ?? ""))).toEqual([]);
  });
});

test("CONTRIBUTING has a line for each room of src", () => {
  const tree = blocksOf("CONTRIBUTING.md", contributing).find(({ language }) => language === "text")?.code ?? "";
  const rooms = new Set(sources.filter((source) => source.includes("/")).map((source) => source.split("/")[0]));
  expect([...tree.matchAll(/^ {2}([\w-]+)\/ /gm)].map(([, room]) => room).sort()).toEqual([...rooms].sort());
});

/** The first table under a heading, row by row and cell by cell, without its head. */
function tableUnder(heading: string): string[][] {
  const section = readme.split(/^#{2,3} /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const rows = /^(?:\|.*\n)+/m.exec(section)?.[0].trimEnd().split("\n").slice(2) ?? [];
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
}

/** What stands between backticks in a cell: `a`, `b`. */
function codes(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

function plain(cell = ""): string {
  return cell.replaceAll("`", "");
}

/** What the options of an interface of options.ts default to, by their doc comments. */
function documentedDefaults(name: string): Record<string, string> {
  const { program } = compileOnce();
  const checker = program.getTypeChecker();
  const { statements = [] } = program.getSourceFile(join(root, "src/handler/options.ts")) ?? {};
  const declaration = statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
  const properties = declaration === undefined ? [] : checker.getTypeAtLocation(declaration).getProperties();
  return Object.fromEntries(
    properties.map((property) => {
      const tag = property.getJsDocTags(checker).find((one) => one.name === "default");
      return [property.name, tag === undefined ? "none" : ts.displayPartsToString(tag.text)];
    }),
  );
}

describe("README's tables have a row for", () => {
  test("every event, with its name, its types and its variables", () => {
    const expected = callbackNames.map((callback) => {
      const { name, types } = events[callback];
      // Those of every event stand above the table.
      const own = Object.entries(listVariables(callback)).filter(
        (one) => !["timestamp:timestamp", "time:time?"].includes(one.join(":")),
      );
      const marked = own.map(([variable, kind]) => (/[?~]$/.test(kind) ? `${variable}?` : variable));
      return [callback, name, [...types].sort(), marked.sort()];
    });
    const rows = tableUnder("All events").map(([callback, name, types, variables]) => {
      return [plain(callback), plain(name), codes(types).sort(), codes(variables).sort()];
    });
    expect(rows.sort()).toEqual(expected.sort());
  });

  test("every option, with its default", () => {
    const settings = documentedDefaults("WebhookSettings");
    for (const [option, value] of Object.entries(documentedDefaults("VerifyOptions")))
      settings[`verify.${option}`] = value;
    const rows = tableUnder("Options").map(([option, value]) => [
      plain(option),
      plain(value).replace(/ \([^()]*\)$/, ""),
    ]);
    const expected = Object.entries(settings).map(([option, value]) => [option, plain(value)]);
    expect(rows.sort()).toEqual(expected.sort());
  });

  test("every error, with its status and whether the sender may try again", () => {
    const retried = ["delivery_in_progress", "deliveries_unavailable", "key_unavailable"];
    const answered = Object.entries(answersByCode).map(([code, [status]]) => [
      code,
      String(status),
      retried.includes(code),
    ]);
    const expected = [...answered, ["invalid_option", "thrown", false]];
    const rows = tableUnder("Answers").flatMap(([status, code, when = ""]) => {
      return codes(code).map((one) => [one, status, when.includes("`Retry-After`")]);
    });
    expect(rows.sort()).toEqual(expected.sort());
  });

  test("every field type, with Copernica's types and its value", () => {
    const { program } = compileOnce();
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(join(root, "src/fields.ts"));
    const module = source && checker.getSymbolAtLocation(source);
    const exported = module === undefined ? [] : checker.getExportsOfModule(module);
    const expected = exported.flatMap((symbol) => {
      const [declaration] = checker.getAliasedSymbol(symbol).declarations ?? [];
      if (declaration === undefined || !ts.isFunctionDeclaration(declaration)) return [];
      const value = /^Field<(.*)>$/.exec(declaration.type?.getText() ?? "")?.[1];
      if (value === undefined) return [];
      const comment = ts.getJSDocCommentsAndTags(declaration)[0]?.getText() ?? "";
      const types = codes(/Copernica's types? ((?:`\w+`(?: and )?)+)/.exec(comment)?.[1]);
      return [[declaration.name?.text, types.sort(), value.replace("Choices[number]", '"a" | "b"')]];
    });
    const rows = tableUnder("Field types").map(([call, types, value]) => {
      return [/\w+/.exec(plain(call))?.[0], types?.startsWith("any") ? [] : codes(types).sort(), codes(value)[0]];
    });
    expect(rows.sort()).toEqual(expected.sort());
  });
});

test("the defaults that doc comments name are those of the code", () => {
  expect({ ...documentedDefaults("WebhookSettings"), ...documentedDefaults("VerifyOptions") }).toMatchObject({
    maxBodyBytes: String(DEFAULT_MAX_BODY_BYTES),
    bodyTimeoutMs: String(DEFAULT_BODY_TIMEOUT_MS),
    timeoutMs: String(DEFAULT_TIMEOUT_MS),
    timeZone: JSON.stringify(DEFAULT_TIME_ZONE),
    maxAgeSeconds: String(DEFAULT_MAX_AGE_SECONDS),
    keyDomain: JSON.stringify(DEFAULT_KEY_DOMAIN),
  });
});

test("the doc comment of the callbacks names each of them", () => {
  const [comment = ""] =
    /\/\*\*(?:(?!\*\/).)*\*\/\nexport type WebhookCallbacks/s.exec(
      readFileSync(join(root, "src/routes/callbacks.ts"), "utf8"),
    ) ?? [];
  expect([...comment.matchAll(/`(on\w+)`/g)].map(([, name]) => name).sort()).toEqual(Object.keys(events).sort());
});

test("the changelog has a section for this version", () => {
  const versions = [...changelog.matchAll(/^## \[([^\]]+)\] - \d{4}-\d\d-\d\d$/gm)].map(([, version]) => version);
  expect(versions[0]).toBe(manifest.version);
});

test("the lines on speed are those of the last run of the bench", () => {
  const results = readFileSync(join(root, "test/bench/results.md"), "utf8");
  const [lines = ""] = /(?<=^## In three lines\n\n)(?:- .*\n){3}/m.exec(results) ?? [];
  expect(lines).not.toBe("");
  expect(readme).toContain(`\n## Speed\n\n${lines}\n`);
});

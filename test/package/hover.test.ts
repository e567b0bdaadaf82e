import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { callbackNames, events, listVariables } from "../../src/events/map.ts";
import { root, strict } from "./compile.ts";

/** What an editor shows of a name in a source: its type, and its comment. */
interface Hover {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

const file = join(import.meta.dirname, "hover.ts");

/** What an editor shows of each name in a source, which uses the package as it lies in a folder. */
function hoverOver(source: string, folder: string, extension: string): readonly Hover[] {
  const entry = (name: string) => [join(root, folder, `${name}${extension}`)];
  const paths = {
    "copernica-webhooks": entry("index"),
    "copernica-webhooks/fields": entry("fields"),
    "copernica-webhooks/testing": entry("testing"),
  };
  const read = (path: string) => (path === file ? source : ts.sys.readFile(path));
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot(path) {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...strict, paths }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
  });
  const faults = service.getSemanticDiagnostics(file);
  expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  const found: Hover[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const info = service.getQuickInfoAtPosition(file, node.getStart());
      found.push({
        name: node.text,
        type: ts.displayPartsToString(info?.displayParts),
        comment: ts.displayPartsToString(info?.documentation),
      });
    }
    ts.forEachChild(node, visit);
  };
  const program = service.getProgram()?.getSourceFile(file);
  if (program !== undefined) visit(program);
  return found;
}

/** Callbacks that use each variable of their event. */
function callbacksWith(variable: string): string {
  const names = callbackNames.filter((name) => variable === "" || variable in listVariables(name));
  return names.map((name) => `${name}(event) { ${usesOf(Object.keys(listVariables(name)))} },`).join("\n");
}

function usesOf(variables: readonly string[]): string {
  return ["name", "type", "occurredAt", "raw", ...variables].map((variable) => `event.${variable};`).join(" ");
}

const source = `
  import { collection, createWebhookHandler, database } from "copernica-webhooks";
  import { integer } from "copernica-webhooks/fields";
  import { samples } from "copernica-webhooks/testing";

  createWebhookHandler({
    ${callbacksWith("")}
    databases: [
      database(12, {
        fields: { age: integer() },
        interests: ["newsletter"],
        ${callbacksWith("database")}
        collections: [collection(3, { fields: { age: integer() }, ${callbacksWith("collection")} })],
      }),
    ],
  });
  ${callbackNames
    .map((name) => {
      const sent = ["type", ...Object.keys(listVariables(name))];
      return sent.map((variable) => `samples["${events[name].name}"].${variable};`).join(" ");
    })
    .join("\n")}
`;

const folders = [
  ["the source", "src", ".ts"],
  ["the built package", "dist", ".d.ts"],
] as const;

describe.each(folders)("with %s, an editor shows", (_, folder, extension) => {
  if (!existsSync(join(root, folder))) throw new Error("Build the package first: npm run build.");
  const hovers = hoverOver(source, folder, extension);
  const known = ["event", "age", "copernica-webhooks"];

  test("a comment at each callback and each variable, in a handler, a database, a collection and a sample", () => {
    const variables = callbackNames.flatMap((name) => Object.keys(listVariables(name)));
    for (const name of [...callbackNames, ...variables, "occurredAt", "raw", "name", "type"]) {
      expect(
        hovers.some((hover) => hover.name === name),
        name,
      ).toBe(true);
    }
    expect(hovers.filter(({ name, comment }) => comment === "" && !known.includes(name))).toEqual([]);
  });

  test("what the map says of a variable, and not of another of its name", () => {
    const comments = (name: string) => [
      ...new Set(hovers.filter((one) => one.name === name).map((one) => one.comment)),
    ];
    expect(comments("envelope")).toEqual(["The envelope address that the message came back to."]);
    expect(comments("profile").length).toBeGreaterThan(3);
    expect(comments("id")).toContain("The id of the message.");
  });

  test("an event by its name", () => {
    const types = hovers.filter(({ name }) => name === "event").map(({ type }) => type.replaceAll(/\s+/g, " "));
    expect(types).toContain('(parameter) event: EventFor<"onProfileCreate">');
    expect(types).toContain(
      '(parameter) event: RoutedEvent<EventFor<"onProfileCreate">, { readonly age: Field<number | null>; }, "newsletter">',
    );
    for (const type of types) expect(type).toMatch(/^\(parameter\) event: (EventFor|RoutedEvent)</);
  });
});

import { join, resolve } from "node:path";
import ts from "typescript";

/** The root of this project. */
export const root: string = resolve(import.meta.dirname, "../..");

/** What the compiler reports: where, by line and column from 1, and what. */
export interface Report {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The compiler's options for a project that is as strict as it gets, and that uses this package by its name. */
export const strict: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  paths: {
    "copernica-webhooks": [join(root, "src/index.ts")],
    "copernica-webhooks/fields": [join(root, "src/fields.ts")],
    "copernica-webhooks/generate": [join(root, "src/generate.ts")],
    "copernica-webhooks/testing": [join(root, "src/testing.ts")],
  },
};

/** Makes a program of sources, by the names of their files, which exist nowhere else. */
export function createProgram(
  sources: Readonly<Record<string, string>>,
  options: ts.CompilerOptions = strict,
): ts.Program {
  const texts = new Map(Object.entries(sources).map(([name, text]) => [join(import.meta.dirname, name), text]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, version, ...rest) => {
    const text = texts.get(name);
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
  };
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  return ts.createProgram([...texts.keys()], options, host);
}

/** What the compiler reports in these sources, themselves alone. */
export function compile(sources: Readonly<Record<string, string>>, options?: ts.CompilerOptions): readonly Report[] {
  const program = createProgram(sources, options);
  return Object.keys(sources).flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(join(import.meta.dirname, name)))
      .map(({ file, start = 0, messageText }) => {
        const { line = 0, character = 0 } = file?.getLineAndCharacterOfPosition(start) ?? {};
        return {
          file: name,
          line: line + 1,
          column: character + 1,
          message: ts.flattenDiagnosticMessageText(messageText, "\n"),
        };
      }),
  );
}

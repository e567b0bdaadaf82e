import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { createProgram, root } from "./compile.ts";

/** Where `any` is in what a module exports: the path to it, from the export's name on. */
function findAny(program: ts.Program, file: string): readonly string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const seen = new Set<ts.Type>();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module`);
  const exported = checker.getExportsOfModule(module);
  expect(exported).not.toEqual([]);
  for (const symbol of exported) walkSymbol(symbol, symbol.name);
  return found;

  function walkSymbol(exported: ts.Symbol, path: string): void {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.Value) walk(checker.getTypeOfSymbol(symbol), path);
    if (symbol.flags & ts.SymbolFlags.Type) walk(checker.getDeclaredTypeOfSymbol(symbol), path);
  }

  function walk(type: ts.Type, path: string): void {
    if (type.flags & ts.TypeFlags.Any) found.push(path);
    if (seen.has(type)) return;
    seen.add(type);
    for (const [index, argument] of (type.aliasTypeArguments ?? []).entries()) walk(argument, `${path}<${index}>`);
    if (type.isUnionOrIntersection()) for (const member of type.types) walk(member, path);
    if (type.isTypeParameter()) {
      for (const bound of [type.getConstraint(), type.getDefault()]) if (bound) walk(bound, `${path} extends`);
    }
    if (type.flags & ts.TypeFlags.Conditional) {
      const { root: condition } = type as ts.ConditionalType; // by its flag
      for (const branch of [condition.node.trueType, condition.node.falseType]) {
        walk(checker.getTypeFromTypeNode(branch), `${path}?`);
      }
    }
    if (!(type.flags & ts.TypeFlags.Object)) return;
    const object = type as ts.ObjectType; // by its flag
    if (object.objectFlags & ts.ObjectFlags.Reference) {
      for (const [index, argument] of checker.getTypeArguments(object as ts.TypeReference).entries()) {
        walk(argument, `${path}<${index}>`);
      }
    }
    for (const { keyType, type: value, declaration } of checker.getIndexInfosOfType(type)) {
      if (isOwn(declaration)) for (const side of [keyType, value]) walk(side, `${path}[]`);
    }
    for (const property of checker.getPropertiesOfType(type)) {
      // One of a mapped type has no declaration.
      if (property.declarations?.some(isOwn) !== false) {
        walk(checker.getTypeOfSymbol(property), `${path}.${property.name}`);
      }
    }
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      if (!isOwn(signature.getDeclaration())) continue;
      for (const parameter of signature.getTypeParameters() ?? []) walk(parameter, `${path}<${parameter.symbol.name}>`);
      for (const parameter of signature.getParameters()) {
        walk(checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`);
      }
      walk(signature.getReturnType(), `${path}()`);
    }
  }

  /** Whether it is written in a module of ours: what the platform declares, may well be any. */
  function isOwn(declaration: ts.Node | undefined): boolean {
    return declaration !== undefined && !program.isSourceFileDefaultLibrary(declaration.getSourceFile());
  }
}

describe("nothing public is any", () => {
  const modules = ["index.ts", "fields.ts", "generate.ts", "testing.ts"];
  const program = createProgram({ "use.ts": modules.map((name) => `import "../../src/${name}";`).join("\n") });

  test.each(modules)("in %s", (name) => {
    expect(findAny(program, join(root, "src", name))).toEqual([]);
  });

  test("and would be found, wherever it were", () => {
    const places = {
      "Alias.deep.list<0>": "export interface Alias { deep: { list: any[] } }",
      "call(value)": "export function call(value: any): void {}",
      "call()": "export function call(value: string) { return JSON.parse(value); }",
      "Callback(event)": "export type Callback = (event: any) => void;",
      "Made(one)": "export class Made { constructor(one: any) {} }",
      "Promised<0>": "export type Promised = Promise<any>;",
      "value.inner": "export const value = { inner: JSON.parse('1') };",
      "Map[]": "export interface Map { [name: string]: any }",
      "Either?": "export type Either<Type> = Type extends string ? any : never;",
      "Bound<0> extends<0>": "export type Bound<Type extends any[]> = readonly Type[];",
      "Mapped.one": "export type Mapped = { [Name in 'one']: any };",
    };
    const sources = Object.fromEntries(Object.values(places).map((source, index) => [`place${index}.ts`, source]));
    const program = createProgram(sources);
    const found = Object.keys(sources).map((name) => findAny(program, join(import.meta.dirname, name))[0]);
    expect(found).toEqual(Object.keys(places));
  });
});

/** What a runtime has that can hand out `node:` modules. */
interface NodeLike {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * A `node:` module, where this runtime has it (Node, Bun, Deno, Workers with nodejs_compat); undefined elsewhere. A static
 * import would keep the package from loading there.
 */
export function nodeModule(name: string): unknown {
  return (globalThis as NodeLike).process?.getBuiltinModule?.(name); // nothing but optional properties
}

/** What a runtime has that can hand out `node:` modules. */
interface NodeLike {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * A `node:` module, if this runtime has it (Node, Bun, Deno, Workers with nodejs_compat); undefined elsewhere. A static
 * import would keep the package from loading there.
 */
export function nodeModule(name: string): unknown {
  return (globalThis as NodeLike).process?.getBuiltinModule?.(name); // nothing but optional properties
}

/** The part of Node's `Buffer` that is used. */
interface NodeBuffer {
  from(text: string, encoding: "base64" | "latin1"): Uint8Array;
  from(memory: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64url"): string };
}

/**
 * Node's `Buffer`, if this runtime has it. It takes few bytes from a pool: a small array of its own costs the garbage collector
 * more than all that is done with it.
 */
export const nodeBuffer: NodeBuffer | undefined = (
  nodeModule("node:buffer") as { readonly Buffer: NodeBuffer } | undefined
)?.Buffer; // as Node documents it

/** The part of `node:fs` and `node:os` that is used, on Node, Bun and Deno. */
interface Modules {
  readonly fs: typeof import("node:fs");
  readonly os: typeof import("node:os");
  readonly path: typeof import("node:path");
}

function load<Name extends keyof Modules>(name: Name): Modules[Name] {
  return process.getBuiltinModule(`node:${name}`) as unknown as Modules[Name]; // as Node types it
}

/** Whether this runtime has SQLite. */
export const hasSqlite: boolean = process.getBuiltinModule?.("node:sqlite" as "node:fs") !== undefined;

/** Makes a folder for the files of a test. */
export function makeFolder(): { path: (name: string) => string; remove: () => void } {
  const { fs, os, path } = { fs: load("fs"), os: load("os"), path: load("path") };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "copernica-inbox-"));
  return {
    path: (name) => path.join(folder, name),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

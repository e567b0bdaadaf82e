import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./compile.ts";

/** The rooms of the core, from the ground up: a file may import from its own room and from those below. */
const CORE = ["ground", "form", "signature", "events", "fields", "routes", "handler"];

/** What stands beside the core, and has entries of its own; with the other wings that it may import. */
const WINGS: Readonly<Record<string, readonly string[]>> = {
  generate: [],
  testing: ["inbox"],
  node: [],
  inbox: [],
  cli: ["testing", "inbox", "generate", "node"],
};

/** Rooms of the ground: what all stand on. */
const GROUND = ["options"];

/** The wings whose modules only run where `node:` modules are. */
const ON_NODE = ["cli"];

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.split(sep).join("/"));

/** The entries: files at the top of src that are named in jsr.json. */
const entries = Object.values<string>(JSON.parse(readFileSync(join(root, "jsr.json"), "utf8")).exports).map((path) =>
  path.replace("./src/", ""),
);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, "src", file), "utf8").replace(/\/\*\*.*?\*\//gs, "");
  const found = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";|^import "([^"]+)";/gms);
  return [...found].map(({ 1: named, 2: bare }) => {
    const to = named ?? bare ?? "";
    return { from: file, to: to.startsWith(".") ? posix.join(posix.dirname(file), to) : to };
  });
}

const imports = sources.flatMap(importsOf);
const ownImports = imports.filter(({ to }) => to.endsWith(".ts"));

/** The room that a file lies in; a file at the top is an entry, or of the ground. */
function roomOf(file: string): string {
  if (entries.includes(file)) return "entries";
  const [first = ""] = dirname(file).split("/");
  return first === "." || GROUND.includes(first) ? "ground" : first;
}

describe("the arrows of src", () => {
  test("are found, each from a file to a file that is there", () => {
    expect(ownImports.length).toBeGreaterThan(100);
    for (const { from, to } of ownImports) expect(sources, `${from} imports ${to}`).toContain(to);
  });

  test("lead from each room of the core to lower ones alone, and never to a wing or an entry", () => {
    const upward = ownImports.filter(({ from, to }) => {
      const floor = CORE.indexOf(roomOf(from));
      return floor !== -1 && !CORE.slice(0, floor + 1).includes(roomOf(to));
    });
    expect(upward).toEqual([]);
  });

  test("lead from each wing to the core, and to no other wing but those that it is made of", () => {
    const astray = ownImports.filter(({ from, to }) => {
      const room = roomOf(from);
      const allowed = WINGS[room];
      // A wing is also taken by its entry, which the program leaves to the package that it lies in.
      if (allowed === undefined || allowed.some((wing) => to === `${wing}.ts`)) return false;
      return ![room, ...CORE, ...allowed].includes(roomOf(to));
    });
    expect(astray).toEqual([]);
  });

  test("know every room", () => {
    expect(new Set(sources.map(roomOf))).toEqual(new Set([...CORE, ...Object.keys(WINGS).filter(isBuilt), "entries"]));
  });

  test("make no circle", () => {
    const next = new Map(sources.map((file) => [file, importsOf(file).map(({ to }) => to)]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, `a circle through ${file}`).not.toContain(file);
      if (done.has(file)) return;
      for (const target of next.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
  });

  test("of the core lead to no module of node:, and to no package but itty-router and superstruct", () => {
    const outside = imports.filter(({ from, to }) => !to.endsWith(".ts") && !ON_NODE.includes(roomOf(from)));
    const ofEntries = outside.filter(({ from }) => from !== "cli.ts");
    expect([...new Set(ofEntries.map(({ to }) => to))].sort()).toEqual(["itty-router/IttyRouter", "superstruct"]);
  });
});

test("an entry only names what is public, under a module comment", () => {
  for (const entry of entries.filter((name) => name !== "cli.ts")) {
    const text = readFileSync(join(root, "src", entry), "utf8");
    expect(text, entry).toMatch(/^\/\*\*.*?@module\n \*\/\n/s);
    const code = text.replace(/\/\*\*.*?\*\//gs, "").replace(/^export (?:type )?\{[^}]*\} from "[^"]+";$/gms, "");
    expect(code.trim(), relative(root, entry)).toBe("");
  }
});

function isBuilt(wing: string): boolean {
  return sources.some((file) => roomOf(file) === wing);
}

import { describe, expect, test } from "vitest";
import { decodeForm } from "../../src/form/decode.ts";
import corpus from "../corpus/corpus.json" with { type: "json" };

type Tree = ReturnType<typeof decodeForm>;

/** The keys that lead to a value, and the value; null for an empty map. */
type Leaf = readonly (string | null)[];

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function leavesOf(tree: Tree, path: Leaf = []): Leaf[] {
  const entries = Object.entries(tree);
  if (entries.length === 0 && path.length > 0) return [[...path, null]];
  return entries.flatMap(([key, value]) =>
    typeof value === "string" ? [[...path, key, value]] : leavesOf(value, [...path, key]),
  );
}

function sortLeaves(leaves: readonly Leaf[]): string[] {
  return leaves.map((leaf) => JSON.stringify(leaf)).sort();
}

/** Whether no map of a tree inherits anything. */
function inheritsNothing(tree: Tree): boolean {
  const maps = Object.values(tree).filter((value) => typeof value !== "string");
  return Object.getPrototypeOf(tree) === null && maps.every(inheritsNothing);
}

/** The body as text, when it is sound UTF-8 and so the same body. */
function textOf(body: Uint8Array): string | undefined {
  const text = decoder.decode(body);
  const encoded = new TextEncoder().encode(text);
  return encoded.length === body.length && encoded.every((byte, index) => byte === body[index]) ? text : undefined;
}

describe("a form body decodes to the tree that PHP's parse_str reads", () => {
  test("the corpus has at least 300 bodies, each once", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(300);
    expect(new Set(corpus.map(({ body }) => body)).size).toBe(corpus.length);
  });

  test.each(corpus)("$name", ({ body, leaves }) => {
    const bytes = bytesOf(body);
    const expected = sortLeaves(
      leaves.map((leaf) => leaf.map((part) => (part === null ? null : decoder.decode(bytesOf(part))))),
    );

    const tree = decodeForm(bytes);
    expect(sortLeaves(leavesOf(tree))).toEqual(expected);
    expect(inheritsNothing(tree)).toBe(true);

    const text = textOf(bytes);
    if (text !== undefined) expect(sortLeaves(leavesOf(decodeForm(text)))).toEqual(expected);
  });
});

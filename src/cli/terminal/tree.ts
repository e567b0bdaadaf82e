import type { FormTree } from "../../form/tree.ts";
import type { Style } from "./style.ts";
import { visible } from "./visible.ts";

/** The variables of an event, a line each, those within others farther to the right. */
export function treeLines(tree: FormTree, indent: string, style: Style): readonly string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    if (typeof value === "string") return [`${indent}${style.dim(visible(name))}  ${visible(value)}`];
    return [`${indent}${style.dim(visible(name))}`, ...treeLines(value, `${indent}  `, style)];
  });
}

import type { Style } from "../terminal/style.ts";
import { visible } from "../terminal/visible.ts";
import type { NearMiss } from "./near-misses.ts";
import type { Step, Verification } from "./steps.ts";

/** The steps of verification, a line each, and what they come to. */
export function stepLines(
  { steps, verified }: Pick<Verification, "steps" | "verified">,
  nearMisses: readonly NearMiss[],
  style: Style,
): readonly string[] {
  return [
    ...steps.map((step) => stepLine(step, style)),
    verified ? style.green("Verified.") : style.red("Not verified."),
    ...nearMisses.flatMap(({ change, remedy }) => ["", style.yellow(visible(change)), visible(remedy)]),
  ];
}

function stepLine({ name, outcome, detail }: Step, style: Style): string {
  const mark = { passed: style.green, failed: style.red, skipped: style.dim }[outcome];
  return `${mark(outcome.padEnd(7))}  ${name.padEnd(16)}  ${visible(detail)}`;
}

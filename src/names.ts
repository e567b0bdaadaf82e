import { InvalidOptionError } from "./errors.ts";

/** How many letters a name may differ in for a known one to be suggested; but never in more than half of them. */
const MAX_SUGGESTED_DISTANCE = 4;

/**
 * Checks that every option has a name that is known.
 *
 * @throws {InvalidOptionError} Naming the unknown one, and the known one that is nearest to it.
 */
export function checkNames(options: object, known: readonly string[], owner: string): void {
  if (typeof options !== "object" || options === null)
    throw new InvalidOptionError(`${owner} takes an object of options.`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const [nearest, distance] = known
      .map((candidate) => [candidate, editDistance(name.toLowerCase(), candidate.toLowerCase())] as const)
      .reduce((best, next) => (next[1] < best[1] ? next : best));
    const near = distance <= Math.min(MAX_SUGGESTED_DISTANCE, Math.max(name.length, nearest.length) / 2);
    const suggestion = near ? ` Did you mean ${nearest}?` : ` It takes ${known.join(", ")}.`;
    throw new InvalidOptionError(`${owner} has no option ${name}.${suggestion}`);
  }
}

/** The number of letters to insert, delete or replace to make one word of another (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

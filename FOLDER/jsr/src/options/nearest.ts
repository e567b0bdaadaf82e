/** How many letters a name may differ in for a known one to be suggested; but never in more than half of them. */
const MAX_SUGGESTED_DISTANCE = 4;

/** The known name that was probably meant by another one: that of the same words or letters, give or take a few. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  // `publicUrl` stands for `verify.publicUrl`, and `onCreate` for `onProfileCreate`.
  const longer = known.find((candidate) => candidate.endsWith(`.${name}`) || hasWordsOf(candidate, name));
  if (longer !== undefined) return longer;
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least && distance <= Math.min(MAX_SUGGESTED_DISTANCE, Math.max(name.length, candidate.length) / 2)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** Whether a name in camel case has all the words of another, in their order: `onProfileCreate` those of `onCreate`. */
function hasWordsOf(candidate: string, name: string): boolean {
  const words = wordsOf(name);
  let found = 0;
  for (const word of wordsOf(candidate)) if (word === words[found]) found += 1;
  return words.length > 1 && found === words.length;
}

function wordsOf(name: string): readonly string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
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

/** How many letters a name may differ in for a known one to be suggested; but never in more than half of them. */
const MAX_SUGGESTED_DISTANCE = 4;

/** The known name that was probably meant by another one: that of the same words or letters, give or take a few. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  // `publicUrl` stands for `verify.publicUrl`, and `onCreate` for `onProfileCreate`.
  const longer = known.find((candidate) => candidate.endsWith(`.${name}`) || hasWordsOf(candidate, name));
  if (longer !== undefined) return longer;
  for (let distance = 0; distance <= MAX_SUGGESTED_DISTANCE; distance += 1) {
    const nearest = known.find((candidate) => {
      const isClose = distance <= Math.max(name.length, candidate.length) / 2;
      return isClose && isWithin(distance, name.toLowerCase(), candidate.toLowerCase());
    });
    if (nearest !== undefined) return nearest;
  }
  return undefined;
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

/** Whether so many letters to insert, delete or replace make one word of another (Levenshtein). */
function isWithin(distance: number, from: string, to: string): boolean {
  if (from === to || distance < 0) return distance >= 0;
  const [fromRest, toRest] = [from.slice(1), to.slice(1)];
  if (from[0] === to[0]) return isWithin(distance, fromRest, toRest);
  const rest = distance - 1;
  return isWithin(rest, fromRest, toRest) || isWithin(rest, fromRest, to) || isWithin(rest, from, toRest);
}

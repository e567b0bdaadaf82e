/** How many keys of a body are remembered, and how long they may be, in UTF-16 code units. */
const REMEMBERED_KEYS = 256;
const MAX_REMEMBERED_LENGTH = 64;

/** The keys of the body before, in order. */
const keysBefore: string[] = Array<string>(REMEMBERED_KEYS).fill("");

/**
 * Cuts a key out of a text. The bodies of a database have the same keys in the same order, so it is mostly the key that the body
 * before had at this place; and to see that takes less time than an engine needs to make a name of a new string.
 *
 * @param place How many keys the body has before this one.
 */
export function cutKey(text: string, start: number, end: number, place: number): string {
  const before = keysBefore[place];
  if (before !== undefined && before.length === end - start && text.startsWith(before, start)) return before;
  const key = text.slice(start, end);
  if (before !== undefined && key.length <= MAX_REMEMBERED_LENGTH) keysBefore[place] = key;
  return key;
}

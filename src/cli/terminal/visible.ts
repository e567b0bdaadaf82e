/** Characters that would move the cursor, color the screen, reorder a line or hide in it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** A text of an event on one line, with what can't be seen written as an escape: `\n`, `\u001b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => NAMED[character] ?? escapeCharacter(character));
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).padStart(4, "0");
  return code > 0xffff ? `\\u{${digits}}` : `\\u${digits}`;
}

/** A text cut to a length, with a sign that it was. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

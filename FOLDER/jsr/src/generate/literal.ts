/** Characters that a reader of the source can't see or can't tell from a space, or that reorder or break its lines. */
const UNREADABLE = /[\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Cc}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** A text as a literal of TypeScript, on one line and with nothing in it that can't be read. */
export function writeText(text: string): string {
  return JSON.stringify(text).replace(UNREADABLE, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** A text as it stands in a comment, which it can't end. */
export function writeComment(text: string): string {
  return writeText(text).replaceAll("*/", "*\\/");
}

/** The name of a property as it stands in an object: quoted if it must be, computed if it would set the prototype. */
export function writeKey(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : writeText(name);
}

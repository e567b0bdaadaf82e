/** A form body without its escapes, and where its variables stand in that. */
export interface UnescapedForm {
  /** The text between two positions. */
  readonly textBetween: (start: number, end: number) => string;
  /** For each variable three positions: of its name, of its `=` (-1 where it has none), and of its end. */
  readonly marks: readonly number[];
}

const PERCENT = 37;
const AMPERSAND = 38;
const PLUS = 43;
const EQUALS = 61;
const SPACE = 32;

/** What a byte stands for as a hexadecimal digit, or -1. */
const HEXADECIMAL = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** Whether a byte is more than itself: a separator, the start of an escape, a part of a character of several bytes. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x80 || [PERCENT, AMPERSAND, PLUS, EQUALS].includes(byte) ? 1 : 0;
});

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Undoes the escapes of a form body, in one pass over its bytes: `+` is a space, `%` with two hexadecimal digits a byte, all
 * else itself. What is then no UTF-8 becomes U+FFFD, as the WHATWG's decoder has it, and never across a separator.
 */
export function unescapeForm(bytes: Uint8Array): UnescapedForm {
  const unescaped = new Uint8Array(bytes.length);
  const marks: number[] = [];
  const text = utf8.decode(unescaped.subarray(0, unescapeInto(bytes, unescaped, marks, true)));
  if (!text.includes("\uFFFD")) return { textBetween: (start, end) => text.slice(start, end), marks };
  // Only in sound UTF-8 the first bytes of characters tell the positions in the text; so use those in the bytes.
  const byteMarks: number[] = [];
  unescapeInto(bytes, unescaped, byteMarks, false);
  return { textBetween: (start, end) => utf8.decode(unescaped.subarray(start, end)), marks: byteMarks };
}

/** Writes the unescaped bytes, and marks where the variables stand: in characters, or in bytes. Returns their number. */
function unescapeInto(bytes: Uint8Array, unescaped: Uint8Array, marks: number[], inCharacters: boolean): number {
  let length = 0;
  /** How many more bytes than UTF-16 code units there are so far. */
  let surplus = 0;
  let start = 0;
  let equals = -1;
  for (let position = 0; position < bytes.length; position += 1) {
    let byte = bytes[position] ?? 0;
    if (SPECIAL[byte] === 0) {
      unescaped[length++] = byte;
      continue;
    }
    if (byte === PLUS) {
      unescaped[length++] = SPACE;
      continue;
    }
    if (byte === AMPERSAND) {
      marks.push(start, equals, length - surplus);
      unescaped[length++] = byte;
      start = length - surplus;
      equals = -1;
      continue;
    }
    if (byte === EQUALS) {
      if (equals === -1) equals = length - surplus;
    } else if (byte === PERCENT) {
      const high = HEXADECIMAL[bytes[position + 1] ?? 0] ?? -1;
      const low = HEXADECIMAL[bytes[position + 2] ?? 0] ?? -1;
      if (high !== -1 && low !== -1) {
        byte = high * 16 + low;
        position += 2;
      }
    }
    unescaped[length++] = byte;
    if (inCharacters && byte >= 0x80) {
      // A continuation byte is no unit of its own; a first byte of four stands for two.
      if (byte < 0xc0) surplus += 1;
      else if (byte >= 0xf0) surplus -= 1;
    }
  }
  marks.push(start, equals, length - surplus);
  return length;
}

/** A form body without its escapes, and where its variables stand in that. */
export interface UnescapedForm {
  /** The body without its escapes. */
  readonly text: string;
  /**
   * For each variable two positions in the text: of its `=` (-1 where it has none), and of its end, where a separator stands
   * that the next one follows.
   */
  readonly marks: readonly number[];
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where parts are unescaped: to make an array for each would take a good part of the time. */
const scratch = new Uint8Array(16_384);

/**
 * Where the part of a form body ends that is to be unescaped at once: at a separator, or at the end of the body. A part has
 * a single variable, or it is short, since engines are slow at making long strings.
 */
export function endOfPart(bytes: Uint8Array, start: number): number {
  if (bytes.length - start <= scratch.length) return bytes.length;
  const last = bytes.lastIndexOf(38, start + scratch.length);
  if (last >= start) return last;
  const next = bytes.indexOf(38, start);
  return next === -1 ? bytes.length : next;
}

/**
 * Undoes the escapes of a part of a form body, in one pass over its bytes: `+` is a space, `%` with two hexadecimal digits a
 * byte, all else itself. What is then no UTF-8 becomes U+FFFD, as the WHATWG's decoder has it, and never across a separator.
 */
export function unescapeForm(bytes: Uint8Array): UnescapedForm {
  const unescaped = bytes.length > scratch.length ? new Uint8Array(bytes.length) : scratch;
  const marks: number[] = [];
  const text = utf8.decode(unescaped.subarray(0, unescapeInto(bytes, unescaped, marks, true)));
  if (!text.includes("\uFFFD")) return { text, marks };
  // Only in sound UTF-8 the first bytes of characters tell the positions in the text; so use those in the bytes.
  const byteMarks: number[] = [];
  unescapeInto(bytes, unescaped, byteMarks, false);
  return decodeApart(unescaped, byteMarks);
}

/** Decodes each name and each value alone, so that what is unsound in one takes nothing from the next. */
function decodeApart(unescaped: Uint8Array, byteMarks: readonly number[]): UnescapedForm {
  const marks: number[] = [];
  let text = "";
  let start = 0;
  for (let index = 0; index < byteMarks.length; index += 2) {
    const equals = byteMarks[index] ?? -1;
    const end = byteMarks[index + 1] ?? 0;
    text += utf8.decode(unescaped.subarray(start, equals === -1 ? end : equals));
    marks.push(equals === -1 ? -1 : text.length);
    if (equals !== -1) text += utf8.decode(unescaped.subarray(equals, end));
    marks.push(text.length);
    text += "&";
    start = end + 1;
  }
  return { text, marks };
}

/**
 * Writes the unescaped bytes, and marks where the variables stand: in characters, or in bytes. Returns their number. The codes
 * of characters are literals, since a bundler makes variables of a module's constants, which are slower to compare with.
 */
function unescapeInto(bytes: Uint8Array, unescaped: Uint8Array, marks: number[], inCharacters: boolean): number {
  let length = 0;
  /** How many more bytes than UTF-16 code units there are so far. */
  let surplus = 0;
  /** Where the variable starts, in bytes. */
  let start = 0;
  let equals = -1;
  for (let position = 0; position < bytes.length; position += 1) {
    let byte = bytes[position] ?? 0;
    // What most bytes are: letters, which come after all that is special.
    if (byte > 61 && byte < 128) {
      unescaped[length++] = byte;
      continue;
    }
    // "+"
    if (byte === 43) {
      unescaped[length++] = 32;
      continue;
    }
    // "&"
    if (byte === 38) {
      // Separators with nothing between them are left out: a body of them alone would have a million.
      if (length === start) continue;
      marks.push(equals, length - surplus);
      unescaped[length++] = byte;
      start = length;
      equals = -1;
      continue;
    }
    // "=", "%"
    if (byte === 61) {
      if (equals === -1) equals = length - surplus;
    } else if (byte === 37) {
      const high = hexadecimal(bytes[position + 1] ?? 0);
      const low = hexadecimal(bytes[position + 2] ?? 0);
      if (high !== -1 && low !== -1) {
        byte = high * 16 + low;
        position += 2;
      }
    }
    unescaped[length++] = byte;
    if (inCharacters && byte >= 128) {
      // A continuation byte is no unit of its own; a first byte of four stands for two.
      if (byte < 0xc0) surplus += 1;
      else if (byte >= 0xf0) surplus -= 1;
    }
  }
  if (length > start) marks.push(equals, length - surplus);
  return length;
}

/** What a byte stands for as a hexadecimal digit, or -1. */
function hexadecimal(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

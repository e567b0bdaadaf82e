/** A form body without its escapes, and where its variables stand in that. */
export interface UnescapedForm {
  /** The body without its escapes. */
  readonly text: string;
  /** For each variable three positions in the text: of its name, of its `=` (-1 where it has none), and of its end. */
  readonly marks: readonly number[];
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where most bodies are unescaped, since making an array takes about as long as that. */
const scratch = new Uint8Array(16_384);

/**
 * Undoes the escapes of a form body, in one pass over its bytes: `+` is a space, `%` with two hexadecimal digits a byte, all
 * else itself. What is then no UTF-8 becomes U+FFFD, as the WHATWG's decoder has it, and never across a separator.
 * Where there are more variables than so many, it stops after one more.
 */
export function unescapeForm(bytes: Uint8Array, mostVariables: number): UnescapedForm {
  const unescaped = bytes.length > scratch.length ? new Uint8Array(bytes.length) : scratch;
  const marks: number[] = [];
  const text = utf8.decode(unescaped.subarray(0, unescapeInto(bytes, unescaped, marks, mostVariables, true)));
  if (!text.includes("\uFFFD")) return { text, marks };
  // Only in sound UTF-8 the first bytes of characters tell the positions in the text; so use those in the bytes.
  const byteMarks: number[] = [];
  unescapeInto(bytes, unescaped, byteMarks, mostVariables, false);
  return decodeApart(unescaped, byteMarks);
}

/** Decodes each name and each value alone, so that what is unsound in one takes nothing from the next. */
function decodeApart(unescaped: Uint8Array, byteMarks: readonly number[]): UnescapedForm {
  const marks: number[] = [];
  let text = "";
  for (let index = 0; index < byteMarks.length; index += 3) {
    const [start = 0, equals = -1, end = 0] = [byteMarks[index], byteMarks[index + 1], byteMarks[index + 2]];
    marks.push(text.length);
    text += utf8.decode(unescaped.subarray(start, equals === -1 ? end : equals));
    marks.push(equals === -1 ? -1 : text.length);
    if (equals !== -1) text += utf8.decode(unescaped.subarray(equals, end));
    marks.push(text.length);
  }
  return { text, marks };
}

/**
 * Writes the unescaped bytes, and marks where the variables stand: in characters, or in bytes. Returns their number. The codes
 * of characters are literals, since a bundler makes variables of a module's constants, which are slower to compare with.
 */
function unescapeInto(
  bytes: Uint8Array,
  unescaped: Uint8Array,
  marks: number[],
  mostVariables: number,
  inCharacters: boolean,
): number {
  let length = 0;
  /** How many more bytes than UTF-16 code units there are so far. */
  let surplus = 0;
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
      if (length - surplus > start) {
        marks.push(start, equals, length - surplus);
        if (marks.length > 3 * mostVariables) return length;
      }
      unescaped[length++] = byte;
      start = length - surplus;
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
  if (length - surplus > start) marks.push(start, equals, length - surplus);
  return length;
}

/** What a byte stands for as a hexadecimal digit, or -1. */
function hexadecimal(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

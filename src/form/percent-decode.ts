import type { TextOfBytes } from "./charset.ts";

/** A part of a form body, percent-decoded, and where its variables stand in that. */
export interface DecodedPart {
  /** The part, percent-decoded. */
  readonly text: string;
  /**
   * For each variable three positions in the text: of the bracket in its name, or what its name is instead ({@link FLAT},
   * {@link ODD}); where its name ends, at its `=` or its end; and its end, where a separator stands that the next one follows.
   * The last one ends with the text, or one separator before. They hold until the next part is decoded.
   */
  readonly marks: Int32Array;
}

/** The mark of a name without brackets, which is the key itself. One with a position instead is a base and a key: `a[b]`. */
export const FLAT = -1;

/** The mark of a name that PHP's rules have to make keys of. */
export const ODD = -2;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const textOfUtf8: TextOfBytes = (bytes) => utf8.decode(bytes);

/** The longest part with more than one variable, in bytes. */
const MAX_PART_BYTES = 16_384;

/** Where parts are decoded and marked: to make arrays for each would take a good part of the time. */
const scratch = new Uint8Array(MAX_PART_BYTES);
const marks = new Int32Array((3 * MAX_PART_BYTES) / 2); // a variable and its separator take at least two bytes

/**
 * Where the part of a form body ends that is decoded at once: at a separator, or at the end of the body. A part has
 * a single variable, or it is short, since engines are slow at making long strings.
 */
export function endOfPart(bytes: Uint8Array, start: number): number {
  if (bytes.length - start <= MAX_PART_BYTES) return bytes.length;
  const last = bytes.lastIndexOf(38, start + MAX_PART_BYTES);
  if (last >= start) return last;
  const next = bytes.indexOf(38, start);
  return next === -1 ? bytes.length : next;
}

/**
 * Percent-decodes a part of a form body, in one pass over its bytes: `+` is a space, `%` with two hexadecimal digits a byte, all
 * else itself. What is then no UTF-8 becomes U+FFFD, as the WHATWG's decoder has it, and never across a separator.
 *
 * @param bytes The part.
 * @param textOf Makes text of the bytes, if they are not UTF-8: each name and each value alone.
 */
export function decodePart(bytes: Uint8Array, textOf?: TextOfBytes): DecodedPart {
  const decoded = bytes.length > MAX_PART_BYTES ? new Uint8Array(bytes.length) : scratch;
  if (textOf === undefined) {
    const text = utf8.decode(decoded.subarray(0, percentDecode(bytes, decoded, true)));
    if (!text.includes("\uFFFD")) return { text, marks };
  }
  // Only in sound UTF-8 the first bytes of characters tell the positions in the text; so use those in the bytes.
  const length = percentDecode(bytes, decoded, false);
  return { text: decodeApart(decoded.subarray(0, length), textOf ?? textOfUtf8), marks };
}

/** Decodes each name and each value alone, so that what is unsound in one takes nothing from the next. */
function decodeApart(bytes: Uint8Array, textOf: TextOfBytes): string {
  let text = "";
  for (let start = 0, index = 0; start < bytes.length; index += 3) {
    const nameEnd = marks[index + 1] ?? 0;
    const end = marks[index + 2] ?? 0;
    text += textOf(bytes.subarray(start, nameEnd));
    marks[index] = ODD;
    marks[index + 1] = text.length;
    text += textOf(bytes.subarray(nameEnd, end));
    marks[index + 2] = text.length;
    text += "&";
    start = end + 1;
  }
  return text;
}

/**
 * Writes the bytes that a part stands for, and marks where the variables stand: in characters, or in bytes. Returns their number. The codes
 * of characters are literals, since a bundler makes variables of a module's constants, which are slower to compare with. Names
 * and values have a loop each that decodes: with one for both, or a function for that, it takes a tenth longer.
 */
function percentDecode(bytes: Uint8Array, decoded: Uint8Array, inCharacters: boolean): number {
  const size = bytes.length;
  let length = 0;
  let mark = 0;
  /** How many more bytes than UTF-16 code units there are so far. */
  let surplus = 0;
  for (let position = 0; position < size; position += 1) {
    const start = length;
    /** Where the first bracket is that opens, in bytes; and the first that closes after it. */
    let opening = -1;
    let closing = -1;
    /** What `opening` is in characters. */
    let bracket: number = FLAT;
    let isOdd = false;
    let byte = 0;
    for (; position < size; position += 1) {
      byte = bytes[position] ?? 0;
      // What most bytes of names are: letters, which come after all that is special.
      if (byte > 93 && byte < 128) {
        decoded[length++] = byte;
        continue;
      }
      // "=", "&"
      if (byte === 61 || byte === 38) break;
      // "+", "%"
      if (byte === 43) byte = 32;
      else if (byte === 37) {
        const escaped = readEscape(bytes, position);
        if (escaped !== -1) {
          byte = escaped;
          position += 2;
        }
      }
      // "[", "]", NUL; " ", "."
      if (byte === 91) {
        if (opening === -1) {
          opening = length;
          bracket = length - surplus;
        }
      } else if (byte === 93) {
        if (opening !== -1 && closing === -1) closing = length;
      } else if (byte === 0) isOdd = true;
      else if (byte === 32 || byte === 46) isOdd ||= opening === -1;
      else if (inCharacters && byte >= 128) surplus += surplusOf(byte);
      decoded[length++] = byte;
    }
    const nameEnd = length - surplus;
    if (opening !== -1) {
      isOdd ||= opening === start || closing !== length - 1;
      // PHP takes a key of a single space for none, and drops some that start with "__".
      const first = decoded[opening + 1] ?? 0;
      isOdd ||= (first <= 32 && closing - opening === 2) || (first === 95 && decoded[opening + 2] === 95);
    }
    if (position < size && byte === 61) {
      for (; position < size; position += 1) {
        byte = bytes[position] ?? 0;
        // What most bytes of values are: letters and digits, which come after "%", "&" and "+".
        if (byte > 43 && byte < 128) {
          decoded[length++] = byte;
          continue;
        }
        if (byte === 38) break;
        if (byte === 43) byte = 32;
        else if (byte === 37) {
          const escaped = readEscape(bytes, position);
          if (escaped !== -1) {
            byte = escaped;
            position += 2;
          }
        }
        if (inCharacters && byte >= 128) surplus += surplusOf(byte);
        decoded[length++] = byte;
      }
    } else if (length === start) {
      // Separators with nothing between them are left out: a body of them alone would have a million.
      continue;
    }
    marks[mark++] = isOdd ? ODD : bracket;
    marks[mark++] = nameEnd;
    marks[mark++] = length - surplus;
    if (position < size) decoded[length++] = 38;
  }
  return length;
}

/** How many bytes more than UTF-16 code units one makes: what continues a character is no unit, the first of four is two. */
function surplusOf(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte >= 0xf0 ? -1 : 0;
}

/** The byte that the escape at a position stands for, or -1 if it is none. */
function readEscape(bytes: Uint8Array, position: number): number {
  const high = digitValue(bytes[position + 1] ?? 0);
  const low = digitValue(bytes[position + 2] ?? 0);
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

/** The value of a hexadecimal digit, or -1 for any other byte. */
function digitValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

import { RequestError } from "../errors.ts";

/** Makes text of bytes. */
export type TextOfBytes = (bytes: Uint8Array) => string;

/** The encodings beside UTF-8 that are read: supersets of ASCII, one byte a character, and the same on every runtime. */
const SINGLE_BYTE_ENCODING = /^(?:iso-8859-\d+|windows-125[0124678])$/;

/**
 * Finds what makes text of the bytes of a charset; undefined for UTF-8.
 *
 * @throws {RequestError} `unsupported_content_type`: none of the encodings above has this label.
 */
export function findTextDecoder(charset: string): TextOfBytes | undefined {
  if (charset.toLowerCase() === "utf-8") return undefined;
  const decoder = createDecoder(charset);
  if (decoder?.encoding === "utf-8") return undefined;
  if (decoder === undefined || !SINGLE_BYTE_ENCODING.test(decoder.encoding)) {
    throw new RequestError(
      "unsupported_content_type",
      "Send the event in UTF-8, which needs no charset to be declared.",
    );
  }
  if (decoder.encoding !== "windows-1252") return (bytes) => decoder.decode(bytes);
  // Node 20 leaves the bytes from 0x80 to 0x9F as they are. In Windows-1254, which it reads, all but two are the same.
  const similar = new TextDecoder("windows-1254");
  const read = (byte: string): string => similar.decode(Uint8Array.of(byte.charCodeAt(0)));
  return (bytes) => {
    const text = decoder.decode(bytes);
    return text
      .replaceAll("\x8E", "Ž")
      .replaceAll("\x9E", "ž")
      .replace(/[\x80-\x9F]/g, read);
  };
}

function createDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // the runtime knows no such charset
  }
}

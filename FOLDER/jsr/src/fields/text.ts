import { createField, type Field } from "./field.ts";

/** The longest an email address can be, in characters: 64 before the @ and 255 behind it (RFC 5321). */
const MAX_EMAIL_LENGTH = 320;

/** The longest text that a field which is not a big one can hold, in characters, by Copernica's article on database fields. */
const MAX_PHONE_LENGTH = 255;

const SPACE_OR_CONTROL = /[\s\p{Cc}]/u;
const CONTROL = /\p{Cc}/u;

/**
 * A text field, Copernica's type `text`: any text; an empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function text(): Field<string | null> {
  return createField("text", null, (wire) => wire);
}

/**
 * A field for a large text, Copernica's type `big`: any text; an empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function bigText(): Field<string | null> {
  return createField("text", null, (wire) => wire);
}

/**
 * An email address, Copernica's type `email`: something, one @, something, without spaces, of at most 320 characters. An
 * empty one is `null`. Whether the address exists, only a message to it can tell.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function email(): Field<string | null> {
  return createField("an email address", null, (wire) => {
    if (wire.length > MAX_EMAIL_LENGTH || SPACE_OR_CONTROL.test(wire)) return undefined;
    const at = wire.indexOf("@");
    return at > 0 && at < wire.length - 1 && at === wire.lastIndexOf("@") ? wire : undefined;
  });
}

/**
 * A telephone number, Copernica's types `phone_gsm` and `phone_fax`: as it was entered, since numbers are written in many
 * ways; at most 255 characters and no control characters. An empty one is `null`.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function phone(): Field<string | null> {
  return createField("a telephone number", null, (wire) =>
    wire.length <= MAX_PHONE_LENGTH && !CONTROL.test(wire) ? wire : undefined,
  );
}

import { assignByName, assignFlat, assignNested, type Growth, startGrowth } from "./assign.ts";
import { keyTooLong, MAX_KEY_LENGTH, MAX_VARIABLES, tooManyVariables } from "./bounds.ts";
import type { TextOfBytes } from "./charset.ts";
import { type DecodedPart, decodePart, endOfPart, FLAT, ODD } from "./percent-decode.ts";
import type { FormTree } from "./tree.ts";

/**
 * Decodes a form body (`application/x-www-form-urlencoded`) to a tree, exactly as PHP's `parse_str` reads it: brackets
 * nest, `[]` appends, a repeated name overwrites, dots and spaces in a top-level name become `_`. A `%` without two hexadecimal
 * digits stays as it is, what is no valid UTF-8 becomes U+FFFD. Takes time and memory linear in the body.
 *
 * @param body The bytes received, or their text.
 * @returns The tree; its objects have no prototype, so a key may be `__proto__`.
 * @throws {RequestError} `undecodable_body`: more than 10,000 variables, 1,000 maps and lists, 64 levels of keys in a
 * variable, or 4,096 characters in a name.
 *
 * @example
 * ```ts
 * import { decodeForm } from "copernica-webhooks";
 *
 * decodeForm("type=create&fields[email]=a%40example.com"); // { type: "create", fields: { email: "a@example.com" } }
 * ```
 */
export function decodeForm(body: Uint8Array | string): FormTree {
  return decodeVariables(typeof body === "string" ? new TextEncoder().encode(body) : body);
}

/** As {@link decodeForm}; `textOf` makes text of the bytes of each name and value, if they are not UTF-8. */
export function decodeVariables(bytes: Uint8Array, textOf?: TextOfBytes): FormTree {
  const growth = startGrowth();
  let variables = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = endOfPart(bytes, start);
    const part = decodePart(bytes.subarray(start, end), textOf);
    variables += assignPart(growth, part, MAX_VARIABLES - variables);
    start = end + 1;
  }
  return growth.tree;
}

/** Gives the variables of a part their values. Returns how many there are. */
function assignPart(growth: Growth, { text, marks }: DecodedPart, mostVariables: number): number {
  let variables = 0;
  for (let start = 0; start < text.length; variables += 1) {
    if (variables === mostVariables) throw tooManyVariables();
    const bracket = marks[3 * variables] ?? FLAT;
    const nameEnd = marks[3 * variables + 1] ?? 0;
    const end = marks[3 * variables + 2] ?? 0;
    if (nameEnd - start > MAX_KEY_LENGTH) throw keyTooLong();
    const value = text.slice(nameEnd + 1, end);
    if (bracket === FLAT) assignFlat(growth, text, start, nameEnd, value);
    else if (bracket === ODD) assignByName(growth, text.slice(start, nameEnd), value);
    else assignNested(growth, text, start, bracket, nameEnd, value);
    start = end + 1;
  }
  return variables;
}

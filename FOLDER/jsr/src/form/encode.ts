/** What a variable of an event can hold before it is encoded, as in PHP. */
export type VariableValue = string | number | boolean | null | readonly VariableValue[] | Variables;

/** The variables of an event before they are encoded. */
export interface Variables {
  /** What the variable of this name holds. */
  readonly [name: string]: VariableValue;
}

/**
 * Encodes variables as a form body, as PHP's `http_build_query` does: maps and lists with brackets, booleans as `1` and `0`,
 * nothing at all for a null or what is empty.
 *
 * @example
 * ```ts
 * import { encodeForm } from "copernica-webhooks/testing";
 *
 * encodeForm({ type: "create", fields: { email: "a@example.com" } }); // "type=create&fields%5Bemail%5D=a%40example.com"
 * ```
 */
export function encodeForm(variables: Variables): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(variables)) collectPairs(urlencode(name), value, pairs);
  return pairs.join("&");
}

function collectPairs(name: string, value: VariableValue, pairs: string[]): void {
  if (value === null) return;
  if (typeof value === "object") {
    for (const [key, child] of Object.entries(value)) collectPairs(`${name}%5B${urlencode(key)}%5D`, child, pairs);
  } else {
    pairs.push(`${name}=${urlencode(typeof value === "boolean" ? String(Number(value)) : String(value))}`);
  }
}

/** As PHP's urlencode: all but letters, digits and `-_.` becomes an escape, a space a plus sign. */
function urlencode(text: string): string {
  // Through UTF-8 and back, since half a surrogate pair has no escape.
  const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
  return encodeURIComponent(wellFormed)
    .replace(/[!'()*~]/g, hexadecimal)
    .replaceAll("%20", "+");
}

function hexadecimal(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

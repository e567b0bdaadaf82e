/** Names that a constant of a module can't have: reserved words, and those that TypeScript keeps for CommonJS. */
export const RESERVED_WORDS: string =
  "arguments await break case catch class const continue debugger default delete do else enum eval export exports " +
  "extends false finally for function globalThis if implements import in instanceof interface let module new null " +
  "package private protected public require return static super switch this throw true try typeof undefined var void " +
  "while with yield";

/** A name in camel case and in ASCII: `Klanten & relaties` becomes `klantenRelaties`. */
export function toIdentifier(name: string, fallback: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .split(/[^A-Za-z0-9]+/);
  const [first = "", ...others] = words.filter((word) => word !== "");
  const start =
    first === first.toUpperCase() ? first.toLowerCase() : `${first.slice(0, 1).toLowerCase()}${first.slice(1)}`;
  const camelCase = start + others.map(capitalize).join("");
  return /^[a-z]/.test(camelCase) ? camelCase : fallback;
}

/** A word with a capital letter. */
export function capitalize(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** The name of a constant: the one wanted if it is free, else with the id behind it. */
export function nameConstant(wanted: string, id: number, taken: Set<string>): string {
  const name = taken.has(wanted) ? `${wanted}${id}` : wanted;
  taken.add(name);
  return name;
}

/** What a value is, in words and without its content: `nothing`, `text of 5 characters`, `a map`. */
export function shapeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === "") return "empty text";
  if (typeof value === "string") return `text of ${value.length} ${value.length === 1 ? "character" : "characters"}`;
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

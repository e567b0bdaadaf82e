import type { FormTree, FormValue } from "../../form/tree.ts";

/** Variables that say what happened, when and to which record, not to whom. */
const IMPERSONAL = new Set([
  ...["type", "timestamp", "time", "created", "modified", "id", "profile", "subprofile", "database", "collection"],
  ...["mailing", "action", "state", "code", "extended"],
]);

/** What stands in the place of personal data: the same for everybody, and an address in the place of an address. */
const REPLACEMENT = "redacted";
const ADDRESS = "redacted@example.com";

/** An event's variables with everything that may be somebody's data replaced; their names stay. */
export function redactVariables(variables: FormTree): FormTree {
  const entries = Object.entries(variables).map(([name, value]) => [
    name,
    IMPERSONAL.has(name) ? value : redactValue(value),
  ]);
  return Object.fromEntries(entries);
}

function redactValue(value: FormValue): FormValue {
  if (typeof value === "string") return redactText(value);
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, redactValue(child)]));
}

/** Numbers and flags say little of anybody, and a date that is none any more would not be read. */
function redactText(text: string): string {
  if (/^[01]?$/.test(text)) return text;
  if (/^\d+(?:\.\d+)?$/.test(text)) return text.replace(/\d/g, "1");
  if (/^\d{4}-\d\d-\d\d/.test(text)) return `2000-01-01${text.slice("2000-01-01".length)}`;
  return text.includes("@") ? ADDRESS : REPLACEMENT;
}

/** What a variable holds: text, or variables of its own. On the wire every value is text. */
export type FormValue = string | FormTree;

/** A decoded body, or a part of it: key → value, without a prototype. Lists have the keys `0`, `1`, … */
export interface FormTree {
  /** What the variable of this name holds. */
  readonly [key: string]: FormValue;
}

/** A tree while it is decoded. */
export interface GrowingTree {
  [key: string]: string | GrowingTree;
}

/** Without a prototype, so that no key, `__proto__` among them, means anything. */
export function emptyTree(): GrowingTree {
  return Object.create(null);
}

import { RequestError } from "../errors.ts";

/** The most levels of keys in a variable, as in PHP: `a[b][c]` has 2. */
export const MAX_DEPTH = 64;

/** The most maps and lists in a body: `a[b][c]=1` makes two. One takes up to some thousand times the memory of its bytes. */
export const MAX_MAPS = 1_000;

/** The most variables in a body. */
export const MAX_VARIABLES = 10_000;

/** The longest name of a variable, in UTF-16 code units, its keys included. */
export const MAX_KEY_LENGTH = 4_096;

/** The error for a variable that is nested too deeply. */
export function tooDeep(): RequestError {
  return overBound(`a variable with more than ${MAX_DEPTH} levels of keys`);
}

/** The error for a body with too many maps. */
export function tooManyMaps(): RequestError {
  return overBound(`more than ${MAX_MAPS} maps and lists`);
}

/** The error for a body with too many variables. */
export function tooManyVariables(): RequestError {
  return overBound(`more than ${MAX_VARIABLES} variables`);
}

/** The error for a variable whose name is too long. */
export function keyTooLong(): RequestError {
  return overBound(`a variable with a name of more than ${MAX_KEY_LENGTH} characters`);
}

function overBound(excess: string): RequestError {
  return new RequestError("undecodable_body", `The body has ${excess}.`);
}

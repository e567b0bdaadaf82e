import { createField, type Field } from "./field.ts";

const WHOLE_NUMBER = /^[+-]?[0-9]+$/;
const POSITIVE_WHOLE_NUMBER = /^[0-9]+$/;
const DECIMAL_NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/**
 * A whole number, Copernica's type `integer`, with or without a sign; an empty one is `null`. A number that a JavaScript
 * number can't hold exactly (beyond 9007199254740991 either way) does not fit.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function integer(): Field<number | null> {
  return createField("a whole number", null, (wire) => {
    if (!WHOLE_NUMBER.test(wire)) return undefined;
    const number = Number(wire);
    return Number.isSafeInteger(number) ? dropSignOfZero(number) : undefined;
  });
}

/**
 * A number with decimals, Copernica's type `float`, with a decimal point and possibly an exponent; an empty one is `null`. A
 * decimal comma does not fit, nor does a number too large for a JavaScript number.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function float(): Field<number | null> {
  return createField("a number with a decimal point", null, (wire) => {
    if (!DECIMAL_NUMBER.test(wire)) return undefined;
    const number = Number(wire);
    return Number.isFinite(number) ? dropSignOfZero(number) : undefined;
  });
}

/**
 * A reference to another profile, Copernica's type `foreign_key`: that profile's id, a positive whole number. An empty one
 * is `null`, and so is `0`, which refers to none.
 *
 * Copernica's documentation: "POST database field".
 *
 * @returns The field type.
 */
export function foreignKey(): Field<number | null> {
  return createField("the id of a profile, a positive whole number", null, (wire) => {
    if (!POSITIVE_WHOLE_NUMBER.test(wire)) return undefined;
    const id = Number(wire);
    if (id === 0) return null;
    return Number.isSafeInteger(id) ? id : undefined;
  });
}

/** The sign of a zero means nothing in a database, but would tell it apart from another zero in JavaScript. */
function dropSignOfZero(number: number): number {
  return number === 0 ? 0 : number;
}

/**
 * Makes a function that reads what it is given, but does not read the same text twice in a row: most of the headers of a sender
 * stay the same from one call to the next. Where nothing can be read and it throws, nothing is remembered.
 */
export function rememberLast<Value>(read: (text: string | null) => Value): (text: string | null) => Value {
  let last: { readonly text: string | null; readonly value: Value } | undefined;
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, value: read(text) };
    return last.value;
  };
}

/** A call as it goes over the wire. */
export interface Call {
  /** The method. */
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  /** The headers, each as often as it is sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body: Uint8Array;
}

/** The value of a header, those of several joined as `fetch` joins them; undefined if it did not come. */
export function headerOf({ headers }: Pick<Call, "headers">, name: string): string | undefined {
  const values = headers.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** A call with another value of a header, or, without a value, without it. */
export function withHeader(call: Call, name: string, value?: string): Call {
  const isOther = ([other]: readonly [string, string]): boolean => other.toLowerCase() !== name.toLowerCase();
  const headers = call.headers.filter(isOther);
  return { ...call, headers: value === undefined ? headers : [...headers, [name, value]] };
}

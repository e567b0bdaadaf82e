/** A value, or a promise of it. */
export type Awaitable<Value> = Value | Promise<Value>;

/** Whether something has to be waited for. The promises of a Worker's remote calls are functions. */
export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && "then" in value;
}

/**
 * Goes on with a value once it is known: at once, if it is. Most of what a call needs is known, and a promise for each of its
 * steps would take longer than the steps do.
 */
export function whenKnown<Value, Result>(
  value: Value | PromiseLike<Value>,
  next: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}

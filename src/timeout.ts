/**
 * How many turns of the microtask queue work has before a timer is set, which costs more than work that waits for nothing; but on
 * Bun it costs less than the turns do.
 */
const TURNS_WITHOUT_TIMER = "Bun" in globalThis ? 0 : 12;

/**
 * Waits for work, but no longer than a time. What the work comes to after that is passed over.
 *
 * @param work What to wait for.
 * @param milliseconds How long.
 * @param onTimeout What to do when the time is up: the error that it returns is thrown.
 */
export async function withTimeout<Value>(
  work: PromiseLike<Value>,
  milliseconds: number,
  onTimeout: () => Error,
): Promise<Value> {
  let isSettled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = (): void => {
    isSettled = true;
    clearTimeout(timer);
  };
  work.then(settle, settle);
  for (let turn = 0; turn < TURNS_WITHOUT_TIMER && !isSettled; turn += 1) await undefined;
  if (isSettled) return await work;
  return await new Promise<Value>((resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), milliseconds);
    work.then(resolve, reject);
  });
}

/**
 * Waits for work, but no longer than a time. What the work comes to after that is passed over.
 *
 * @param work What to wait for.
 * @param milliseconds How long.
 * @param onTimeout What to do when the time is up: the error that it returns is thrown.
 */
export function withTimeout<Value>(work: Promise<Value>, milliseconds: number, onTimeout: () => Error): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), milliseconds);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

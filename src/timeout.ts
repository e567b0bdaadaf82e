/**
 * How many turns of the microtask queue work has before a timer is set, which costs more than work that waits for nothing; but on
 * Bun, which sets one in less time than the turns take.
 */
const TURNS_WITHOUT_TIMER = "Bun" in globalThis ? 0 : 12;

/**
 * Waits for work, but no longer than a time. What the work comes to after that is passed over.
 *
 * @param work What to wait for.
 * @param milliseconds How long.
 * @param onTimeout What to do when the time is up: the error that it returns is thrown.
 */
export function withTimeout<Value>(
  work: PromiseLike<Value>,
  milliseconds: number,
  onTimeout: () => Error,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
    };
    const setTimer = (): void => {
      timer = setTimeout(() => reject(onTimeout()), milliseconds);
    };
    work.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error) => {
        settle();
        reject(error);
      },
    );
    if (TURNS_WITHOUT_TIMER === 0) setTimer();
    else void waitTurns();

    async function waitTurns(): Promise<void> {
      for (let turn = 0; turn < TURNS_WITHOUT_TIMER && !isSettled; turn += 1) await undefined;
      if (!isSettled) setTimer();
    }
  });
}

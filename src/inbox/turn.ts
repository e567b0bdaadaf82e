/** What most runtimes have beside the timers of the web. */
interface Immediate {
  readonly setImmediate?: (act: () => void) => unknown;
}

/** Acts once the runtime has passed on all that has come in by now. */
export function atEndOfTurn(act: () => void): void {
  const { setImmediate } = globalThis as Immediate; // nothing but optional properties
  if (setImmediate === undefined) setTimeout(act, 0);
  else setImmediate(act);
}

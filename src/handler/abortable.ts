/**
 * A signal that follows another one and can be aborted on its own. Made when it is first asked for, since that takes longer
 * than most callbacks. A class, since an object with getters of its own takes many times as long to make.
 */
export abstract class Abortable {
  #controller: AbortController | undefined;

  /** The signal that is followed; undefined if there is none. */
  protected abstract get source(): AbortSignal | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      const { source } = this;
      if (source?.aborted) controller.abort(source.reason);
      else source?.addEventListener("abort", () => controller.abort(source.reason), { once: true });
    }
    return this.#controller.signal;
  }

  /** Aborts the signal: if nobody asked for it yet, the next who asks gets an aborted one. */
  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

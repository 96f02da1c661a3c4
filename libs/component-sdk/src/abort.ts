/** Something that may end the work of a step before its time. */
export interface AbortSource {
  readonly aborted: boolean;
  /** Why; `undefined` until aborted. */
  readonly reason: Error | undefined;
  /** Calls the listener once when it aborts, not if it has already; returns the function that forgets the listener. */
  onAbort(listener: () => void): () => void;
}

/**
 * The abort of one step. Most steps never look at their `AbortSignal`, and making one costs as much as a small step, so
 * it is made when somebody asks for it.
 */
export class StepAbort implements AbortSource {
  aborted = false;
  reason: Error | undefined;
  private readonly listeners = new Set<() => void>();
  private controller: AbortController | undefined;

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** Aborts; a second time changes nothing. */
  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.controller?.abort(reason);
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }

  onAbort(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason ?? new Error('The step was aborted');
  }

  /** Settles as the work does, unless it aborts before: then it rejects with the reason and lets the work go on alone. */
  async bound<T>(work: Promise<T>): Promise<T> {
    let forget: (() => void) | undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      const fail = (): void => reject(this.reason ?? new Error('The step was aborted'));
      forget = this.onAbort(fail);
      if (this.aborted) fail();
    });
    try {
      return await Promise.race([aborted, work]);
    } finally {
      forget?.();
    }
  }
}

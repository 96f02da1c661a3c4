/** Bytes that may be held at the same time by all who ask for them. */
export interface ByteBudget {
  /** Waits until there is room, first come, first served. Rejects when aborted before. */
  take(bytes: number, signal: AbortSignal): Promise<TakenBytes>;
}

export interface TakenBytes {
  /** Gives back what turned out not to be needed. */
  shrinkTo(bytes: number): void;
  giveBack(): void;
}

/** What asks for more than all there is gets all. */
export function byteBudget(maxBytes: number): ByteBudget {
  let held = 0;
  const waiting: { bytes: number; begin: () => void }[] = [];

  function beginWhatMay(): void {
    for (let next = waiting[0]; next && held + next.bytes <= maxBytes; next = waiting[0]) {
      waiting.shift();
      held += next.bytes;
      next.begin();
    }
  }

  function taken(bytes: number): TakenBytes {
    let own = bytes;
    const shrinkTo = (needed: number): void => {
      held -= Math.max(0, own - needed);
      own = Math.min(own, needed);
      beginWhatMay();
    };
    return { shrinkTo, giveBack: () => shrinkTo(0) };
  }

  return {
    take(wished, signal) {
      const bytes = Math.min(wished, maxBytes);
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal.reason as Error);
          beginWhatMay();
        };
        const waiter = {
          bytes,
          begin: () => {
            signal.removeEventListener('abort', leave);
            resolve(taken(bytes));
          },
        };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(waiter);
        beginWhatMay();
      });
    },
  };
}

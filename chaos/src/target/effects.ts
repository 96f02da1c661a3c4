/** One effect that a target took: a call that it answered, or would have answered, with success. */
export interface Effect {
  /** The idempotency key of the step run, `runId:stepId:path`; `petKey` of a pet, whose API knows no such key. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: unknown;
}

/** The key of a pet by its name, which is the id of its run: expressions have it without dashes, tables with them. */
export function petKey(name: string): string {
  return `pet:${name.replaceAll('-', '')}`;
}

/** What all targets took, in the order of time. */
export interface Effects {
  add(key: string, value: unknown, at?: number): void;
  of(key: string): readonly Effect[];
  keys(): Iterable<string>;
  /** Called with each effect from now on. */
  hear(listener: (effect: Effect) => void): void;
  readonly count: number;
}

export function countEffects(): Effects {
  const byKey = new Map<string, Effect[]>();
  const listeners: ((effect: Effect) => void)[] = [];
  let count = 0;
  return {
    add(key, value, at = Date.now()) {
      const effect = { key, at, value };
      const known = byKey.get(key);
      if (known) known.push(effect);
      else byKey.set(key, [effect]);
      count += 1;
      for (const listener of listeners) listener(effect);
    },
    of: (key) => byKey.get(key) ?? [],
    keys: () => byKey.keys(),
    hear: (listener) => void listeners.push(listener),
    get count() {
      return count;
    },
  };
}

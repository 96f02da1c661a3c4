import { LRUCache } from 'lru-cache';

/*
 * A cache over rows that others change.
 *
 *   missing ──find──▶ being read ──▶ kept ──time or forget──▶ missing
 *                         │ forget
 *                         ▼
 *                     outdated: what is found is not kept, and whoever waits for it reads again
 */

export interface ReadThroughCacheOptions<Key, Value> {
  /** Entries at most; the least used go first. */
  max: number;
  /** How long an entry is used without asking again. */
  freshForMs: number;
  /** `stale` is the entry past its time, if one is kept; for a reader that can tell whether it still holds. */
  read(key: Key, stale: Value | undefined): Promise<Value>;
  /** True when an entry past its time shall be kept and serve while `read` fails; default false. */
  serveStale?: boolean;
}

export interface ReadThroughCache<Key, Value> {
  /** The kept value, or what `read` finds. Callers that ask at the same time share one read. Rejects as `read` does. */
  find(key: Key): Promise<Value>;
  /** The kept value, without a promise; `undefined` when it is not kept or past its time. */
  peek(key: Key): Value | undefined;
  forget(key: Key): void;
  /** Forgets what `matches`, and everything that is being read, for what that will be is not known yet. */
  forgetWhere(matches: (value: Value, key: Key) => boolean): void;
  forgetAll(): void;
}

interface Reading<Value> {
  outdated: boolean;
  result: Promise<Value>;
}

/** Makes a cache whose entries can be forgotten while they are being read, without ever keeping what was old by then. */
export function createReadThroughCache<Key extends string, Value>(
  options: ReadThroughCacheOptions<Key, Value>,
): ReadThroughCache<Key, Value> {
  const kept = new LRUCache<Key, { value: Value }>({
    max: options.max,
    ttl: options.freshForMs,
    noDeleteOnStaleGet: options.serveStale ?? false,
  });
  const readings = new Map<Key, Reading<Value>>();

  function read(key: Key): Reading<Value> {
    const stale = kept.get(key, { allowStale: true })?.value;
    const reading: Reading<Value> = { outdated: false, result: options.read(key, stale) };
    readings.set(key, reading);
    const end = (): void => {
      if (readings.get(key) === reading) readings.delete(key);
    };
    reading.result.then((value) => {
      if (!reading.outdated) kept.set(key, { value });
      end();
    }, end);
    return reading;
  }

  async function load(key: Key): Promise<Value> {
    for (;;) {
      const reading = readings.get(key) ?? read(key);
      const value = await reading.result;
      if (!reading.outdated) return value;
    }
  }

  function outdate(key: Key): void {
    const reading = readings.get(key);
    if (reading) reading.outdated = true;
    readings.delete(key);
  }

  function outdateAll(): void {
    for (const key of readings.keys()) outdate(key);
  }

  return {
    async find(key) {
      const fresh = kept.get(key);
      if (fresh) return fresh.value;
      try {
        return await load(key);
      } catch (error) {
        const stale = options.serveStale ? kept.get(key, { allowStale: true }) : undefined;
        if (!stale) throw error;
        return stale.value;
      }
    },
    peek: (key) => kept.get(key)?.value,
    forget(key) {
      kept.delete(key);
      outdate(key);
    },
    forgetWhere(matches) {
      for (const [key, { value }] of kept.entries()) if (matches(value, key)) kept.delete(key);
      outdateAll();
    },
    forgetAll() {
      kept.clear();
      outdateAll();
    },
  };
}

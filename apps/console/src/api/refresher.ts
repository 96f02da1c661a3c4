import type { QueryClient } from '@tanstack/react-query';
import type { Subject } from './keys.js';

/** Asks again for what has become stale, once for all changes of a while. */
export interface Refresher {
  /** Notes that something of these subjects has changed. */
  note(subjects: readonly Subject[]): void;
  close(): void;
}

/**
 * Gathers changes for `gatherMs`, and then asks anew for what is shown of their subjects. An answer that is on its way is
 * awaited and not cut off: it may not hold the change, so it is asked for once more afterwards. However many changes come, a
 * query that takes longer than `gatherMs` comes to its end.
 */
export function createRefresher(client: QueryClient, gatherMs: number): Refresher {
  const subjects = new Set<Subject>();
  /** Hashes of keys whose queries are to be asked for again. */
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const refresh = (): void => {
    timer = undefined;
    const cache = client.getQueryCache();
    for (const subject of subjects) {
      for (const { queryHash } of cache.findAll({ queryKey: [subject] })) stale.add(queryHash);
    }
    subjects.clear();
    for (const hash of stale) {
      const query = cache.get(hash);
      if (query && query.state.fetchStatus !== 'idle') continue;
      stale.delete(hash);
      if (query) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    }
    if (stale.size > 0) timer = setTimeout(refresh, gatherMs);
  };

  return {
    note(changed) {
      for (const subject of changed) subjects.add(subject);
      timer ??= setTimeout(refresh, gatherMs);
    },
    close() {
      clearTimeout(timer);
    },
  };
}

import type { LiveChange } from './schemas.js';

/** Changes that wait to be told, one of a kind and flow, however many there were. */
export interface ChangeBatch {
  add(change: Omit<LiveChange, 'count'>): void;
  readonly isEmpty: boolean;
  /** What has gathered; empties it. */
  take(): LiveChange[];
}

/** More flows than this at once are told as one change of the whole workspace. */
export const maxKeys = 100;

export function createChangeBatch(): ChangeBatch {
  let pending = new Map<string, LiveChange & { count: number }>();

  return {
    add(change) {
      const key = `${change.type} ${change.flowId ?? ''}`;
      const crowded = pending.size >= maxKeys && !pending.has(key);
      const known = pending.get(crowded ? change.type : key);
      if (known) {
        // The same row twice is one change.
        const same = known.count === 1 && known.id === change.id && known.runId === change.runId;
        if (!same) known.count += 1;
      } else if (crowded) {
        pending.set(change.type, { type: change.type, count: 1 });
      } else {
        pending.set(key, { ...change, count: 1 });
      }
    },

    get isEmpty() {
      return pending.size === 0;
    },

    take() {
      const taken = [...pending.values()].map(({ count, ...change }): LiveChange => {
        if (count === 1) return change;
        const { type, flowId } = change;
        return { type, ...(flowId === undefined ? {} : { flowId }), count };
      });
      pending = new Map();
      return taken;
    },
  };
}

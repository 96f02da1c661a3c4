import type { FlowId } from '@millrace/contracts';
import { createReadThroughCache, type ReadThroughCache } from '@millrace/platform';
import { LRUCache } from 'lru-cache';

/*
 * Look-ups by ids that come from outside, before anything is known of who asks. What exists is kept in one cache, what
 * does not in a small one of its own: made-up ids push nothing out that is real. Look-ups that wait are bounded, too.
 */

/** So much is being looked up that this is not; what is kept past its time is served instead. */
export class LookupsFull extends Error {
  override readonly name = 'LookupsFull';

  constructor() {
    super('too many flows are being looked up at a time');
  }
}

export interface FlowLookupsOptions<Found> {
  maxKept: number;
  maxAbsent: number;
  /** Reads at a time. */
  maxReading: number;
  freshForMs: number;
  /** `null` when there is none. `stale` is what was found before and is past its time. */
  read(flowId: FlowId, stale: Found | undefined): Promise<Found | null>;
}

export interface FlowLookups<Found> extends Pick<
  ReadThroughCache<FlowId, Found>,
  'forget' | 'forgetWhere' | 'forgetAll'
> {
  /** Without a promise; `undefined` when it is not known now. */
  peek(flowId: FlowId): Found | null | undefined;
  /** `null` when there is none. Rejects as `read` does or with `LookupsFull`, unless an older entry can serve. */
  find(flowId: FlowId): Promise<Found | null>;
}

class Absent extends Error {}

export function createFlowLookups<Found>(options: FlowLookupsOptions<Found>): FlowLookups<Found> {
  const absent = new LRUCache<FlowId, true>({ max: options.maxAbsent, ttl: options.freshForMs });
  let reading = 0;
  /** Counts what is forgotten: nothing that was found absent before counts as absent after. */
  let forgotten = 0;
  const kept = createReadThroughCache<FlowId, Found>({
    max: options.maxKept,
    freshForMs: options.freshForMs,
    serveStale: true,
    read,
  });

  async function read(flowId: FlowId, stale: Found | undefined): Promise<Found> {
    if (reading >= options.maxReading) throw new LookupsFull();
    reading += 1;
    const forgottenBefore = forgotten;
    try {
      const found = await options.read(flowId, stale);
      if (found !== null) return found;
    } finally {
      reading -= 1;
    }
    // A flow that is gone does not serve past its time.
    kept.forget(flowId);
    if (forgotten === forgottenBefore) absent.set(flowId, true);
    throw new Absent();
  }

  return {
    peek: (flowId) => kept.peek(flowId) ?? (absent.has(flowId) ? null : undefined),
    async find(flowId) {
      try {
        return await kept.find(flowId);
      } catch (error) {
        if (error instanceof Absent) return null;
        throw error;
      }
    },
    forget(flowId) {
      forgotten += 1;
      absent.delete(flowId);
      kept.forget(flowId);
    },
    forgetWhere(matches) {
      forgotten += 1;
      kept.forgetWhere(matches);
    },
    forgetAll() {
      forgotten += 1;
      absent.clear();
      kept.forgetAll();
    },
  };
}

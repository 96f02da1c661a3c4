import { copiesAreUsedForMs, type FlowId } from '@millrace/contracts';
import { readHoldingFlows, type Database } from '@millrace/persistence';
import { createReadThroughCache, type Forgetful } from '@millrace/platform';

/** The flows whose requests are held: those that are paused, and those that were when they were stopped. */
export interface HoldingFlows extends Forgetful {
  /** Without a promise; `undefined` when it is not known now. */
  peek(): ReadonlySet<FlowId> | undefined;
  find(): Promise<ReadonlySet<FlowId>>;
}

/**
 * All of them, kept for some seconds and forgotten when a flow changes: so a batch of triggers needs no look-up, and a flow
 * that was paused holds every request that was accepted after the answer to that.
 */
export function cachedHoldingFlows(database: Database): HoldingFlows {
  const kept = createReadThroughCache<'all', ReadonlySet<FlowId>>({
    max: 1,
    freshForMs: copiesAreUsedForMs,
    read: () => readHoldingFlows(database),
  });
  return {
    peek: () => kept.peek('all'),
    find: () => kept.find('all'),
    forget({ flowIds }) {
      if (flowIds.length > 0) kept.forgetAll();
    },
    forgetAll: () => kept.forgetAll(),
  };
}

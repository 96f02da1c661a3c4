import { z } from 'zod';
import { maxWaitMs } from './wait-limits.js';
import type { Json } from './json.js';

/** Items that go on together, at most. */
export const maxCollectedItems = 10_000;
/** Of one item as JSON; two of them fit into a batch. */
export const maxCollectedItemBytes = 4 * 1024 * 1024;

/** Which items are gathered together, and when they go on. */
export interface Gathering {
  /** `run`: the items of one run, until no step above can bring another; `flow`: those of all runs of a version of the flow. */
  scope: 'run' | 'flow';
  /** Only items with the same value are gathered together. */
  key: Json;
  /** So many items go on at once. */
  maxItems: number;
  /** Items go on after this time, counted from the first of them, however many there are. */
  timeoutMs: number;
}

/** The step has not ended: it waits in Postgres, with an item, until that goes on together with others. */
export interface CollectingOutcome {
  kind: 'collecting';
  item: Json;
  gathering: Gathering;
}

export const collectingOutcomeSchema = z.object({
  kind: z.literal('collecting'),
  item: z.unknown(),
  gathering: z.object({
    scope: z.enum(['run', 'flow']),
    key: z.unknown(),
    maxItems: z.int().positive().max(maxCollectedItems),
    timeoutMs: z.number().positive().max(maxWaitMs),
  }),
});

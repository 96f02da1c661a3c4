import type { RunId } from '@millrace/contracts';
import { keySha256 } from './deduplication-key.js';
import type { Begun } from './deduplication.js';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';
import { sandboxedKeys } from './sandboxed-keys.js';

const none = new Map<Begun, Buffer | null>();

/**
 * Those of a batch whose runs do not begin at once but wait in the queue of their flow, each with the key that orders it,
 * `null` where nothing does. A run whose key has no value, or cannot be read, is not ordered.
 */
export async function findHeld(
  deps: EngineDeps,
  batch: Begun[],
  duplicates: Map<Begun, RunId>,
): Promise<Map<Begun, Buffer | null>> {
  const holding = deps.holding.peek() ?? (await persevere(deps, 'reading paused flows', () => deps.holding.find()));
  const isHeld = ({ plan }: Begun): boolean => plan.beginning?.queues === true || holding.has(plan.flowId);
  if (!batch.some(isHeld)) return none;
  const held = batch.filter((begun) => isHeld(begun) && !duplicates.has(begun));
  const sandboxed = await sandboxedKeys(deps, held, 'order');
  return new Map(
    held.map((begun) => {
      const { order } = begun.plan;
      if (!order) return [begun, null];
      const key = order.sandboxed ? sandboxed.get(begun) : keySha256(order, begun.plan, begun.message);
      return [begun, key ?? null];
    }),
  );
}

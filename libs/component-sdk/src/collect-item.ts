import { maxCollectedItems, maxWaitMs, type Gathering, type Json } from '@millrace/contracts';
import { z } from 'zod';

/** What an operation returns whose step shall wait with an item; made by `collectItem`. */
export class CollectItem {
  constructor(
    readonly item: Json,
    readonly gathering: Gathering,
  ) {}
}

/**
 * Lets the step wait with an item until that goes on together with others, instead of ending. Nothing of the component waits
 * with it: the operation returns, and the engine keeps the item. When the items go on, the step that brought the first of them
 * ends with one output (`collectedOutput`) and all others without. After a fault the operation may be called once more and
 * must return the same; the item counts once.
 *
 * @throws RangeError when it would wait longer than 30 days, or for more than 10,000 items.
 */
export function collectItem(
  item: Json,
  {
    key = null,
    maxItems = maxCollectedItems,
    ...gathering
  }: Pick<Gathering, 'scope' | 'timeoutMs'> & Partial<Gathering>,
): CollectItem {
  const { timeoutMs } = gathering;
  if (!(timeoutMs > 0 && timeoutMs <= maxWaitMs)) {
    throw new RangeError(`An item can be kept for 1 to ${maxWaitMs} ms, not for ${timeoutMs}`);
  }
  if (!(Number.isInteger(maxItems) && maxItems > 0 && maxItems <= maxCollectedItems)) {
    throw new RangeError(`1 to ${maxCollectedItems} items can be gathered, not ${maxItems}`);
  }
  return new CollectItem(item, { ...gathering, key, maxItems });
}

/** What the engine makes of the items that go on together. */
export const collectedOutput = z.object({
  items: z.array(z.unknown()).describe('what was gathered: within a run in the order of its branches, else as it came'),
  count: z.number().describe('how many items there are'),
  key: z.unknown().describe('what the items have in common; null where they are not told apart'),
  reason: z
    .enum(['count', 'time', 'branches', 'size'])
    .describe('why they go on: as many as wanted, time over, no branch left that could bring another, or 8 MiB'),
  firstAt: z.string().describe('when the first of them came, ISO 8601 in UTC'),
});

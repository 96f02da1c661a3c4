import type { FlowId } from '@millrace/contracts';
import { removeOldRejections, removeSurplusRejections, type Database } from '@millrace/persistence';

const keepPerFlow = 1_000;
const keepDays = 7;
const portion = 1_000;
/** In one go; what is more goes the next time. */
const maxPortions = 20;

/**
 * Removes records of refused calls that are older than seven days, and of the given flows all but the thousand newest,
 * in bounded portions. Safe to repeat, and by several processes at once.
 */
export async function removeRejections(database: Database, flowIds: readonly FlowId[]): Promise<void> {
  await inPortions(() => removeOldRejections(database, { days: keepDays, portion }));
  for (const flowId of flowIds) {
    await inPortions(() => removeSurplusRejections(database, { flowId, keep: keepPerFlow, portion }));
  }
}

async function inPortions(remove: () => Promise<number>): Promise<void> {
  for (let count = 0; count < maxPortions; count += 1) if ((await remove()) < portion) return;
}

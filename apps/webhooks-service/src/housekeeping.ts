import type { AttachmentStore } from '@millrace/attachments';
import type { Logger } from '@millrace/observability';
import type { Database } from '@millrace/persistence';
import type { RejectionLog } from './rejections/rejection-log.js';
import { removeRejections } from './rejections/retention.js';

export interface HousekeepingDeps {
  database: Database;
  attachments: Pick<AttachmentStore, 'removeAbandoned' | 'removeUnclaimed'>;
  rejections: Pick<RejectionLog, 'takeWrittenFlows'>;
  logger: Logger;
}

const hourMs = 60 * 60_000;
const rejectionsEveryMs = 5 * 60_000;
/** Far longer than any upload takes. */
const abandonedAfterMs = 6 * hourMs;
/** Longer than a request waits for its run, or a call for the answer of the broker. */
const unclaimedAfterMs = 7 * 24 * hourMs;

/** Removes what nobody needs any more, now and then. Every instance does so; each act is safe to repeat. */
export function startHousekeeping(deps: HousekeepingDeps): { close(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const every = (intervalMs: number, what: string, act: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(() => {
      const ending: Promise<void> = act()
        .catch((error: unknown) => deps.logger.warn({ err: error, what }, 'housekeeping failed, it is tried again'))
        .then(() => void running.delete(ending));
      running.add(ending);
    }, intervalMs).unref();
  const timers = [
    every(hourMs, 'attachments', () => deps.attachments.removeAbandoned(abandonedAfterMs)),
    every(hourMs, 'files of no run', () => deps.attachments.removeUnclaimed(unclaimedAfterMs)),
    every(rejectionsEveryMs, 'rejections', () => removeRejections(deps.database, deps.rejections.takeWrittenFlows())),
  ];
  return {
    async close() {
      timers.forEach(clearInterval);
      await Promise.all(running);
    },
  };
}

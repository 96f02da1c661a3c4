import type { Logger } from '@millrace/observability';

import { backoffMs, pause } from './backoff.js';
import { DONE, type Delivery, type Outcome } from './delivery.js';
import type { BatchParker } from './parking.js';
import { PublishError } from './publish-error.js';
import type { Lease, Subscription } from './subscription.js';

const AGAIN = { minMs: 500, maxMs: 30_000 };

/** A bundle that was delivered, and how messages of it are sent by themselves. */
export interface DeliveredBundle {
  readonly lease: Lease;
  readonly subscription: Pick<Subscription, 'queue' | 'closing' | 'ending'>;
  readonly park: Pick<BatchParker, 'requeue'>;
  readonly logger: Logger;
}

/**
 * Sends messages of a bundle once more, each by itself, at the end of their queue; an outage is waited out. Resolves how the
 * bundle is to be settled: `done` once all are confirmed, else it has to come again as a whole.
 */
export async function takeApart(open: readonly Delivery[], bundle: DeliveredBundle): Promise<Outcome> {
  const { lease, subscription, park, logger } = bundle;
  const { queue } = subscription;
  let left = open;
  for (let attempt = 1; ; attempt += 1) {
    const ends = await Promise.allSettled(left.map((part) => park.requeue(part)));
    left = left.filter((_, at) => ends[at]?.status === 'rejected');
    const failed = ends.find((end) => end.status === 'rejected');
    if (!failed) {
      logger.info({ queue, open: open.length }, 'a bundle was taken apart');
      return DONE;
    }
    const err: unknown = failed.reason;
    logger.warn({ err, queue, left: left.length, attempt }, 'messages of a bundle could not be sent by themselves');
    if (subscription.closing) return { outcome: 'giveBack' };
    if (lease.acks.dead || ends.some(isHopeless)) return { outcome: 'redeliver' };
    await pause(backoffMs(attempt, AGAIN), subscription.ending);
  }
}

/** Tried again it would be refused again. */
function isHopeless(end: PromiseSettledResult<void>): boolean {
  return end.status === 'rejected' && end.reason instanceof PublishError && !end.reason.retryable;
}

import type { BatchOutcome, Delivery, Outcome } from '@millrace/amqp';
import { databaseFault } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';

export type BatchHandler<Answer extends BatchOutcome = Outcome> = (batch: Delivery[]) => Promise<Answer[]>;

/**
 * Keeps one bad message from holding up its batch: when a batch fails, each of its messages is handled alone. The one
 * that Postgres refuses by itself is parked with Postgres's reason; one that fails in any other way is delivered again
 * until the delivery limit parks it. The handler of the parked queue has nowhere to park: `refused: 'redeliver'`.
 */
export function isolateBadMessages<Answer extends BatchOutcome = Outcome>(
  deps: Pick<EngineDeps, 'logger' | 'stopping'>,
  handle: BatchHandler<Answer>,
  refused: 'park' | 'redeliver' = 'park',
): BatchHandler<Answer | Outcome> {
  async function alone(delivery: Delivery): Promise<Outcome> {
    try {
      const [outcome] = await handle([delivery]);
      if (outcome?.outcome === 'later') return await outcome.ending;
      return outcome ?? { outcome: 'redeliver' };
    } catch (error) {
      deps.stopping.throwIfAborted();
      if (refused === 'park' && databaseFault(error) === 'data') {
        return { outcome: 'park', reason: `cannot be stored: ${error instanceof Error ? error.message : ''}` };
      }
      deps.logger.error({ err: error, messageId: delivery.messageId }, 'message could not be handled');
      return { outcome: 'redeliver' };
    }
  }

  return async (batch) => {
    try {
      return await handle(batch);
    } catch (error) {
      deps.stopping.throwIfAborted();
      deps.logger.warn({ err: error, size: batch.length }, 'batch failed, its messages are handled one by one');
      const outcomes: Outcome[] = [];
      for (const delivery of batch) outcomes.push(await alone(delivery));
      return outcomes;
    }
  };
}

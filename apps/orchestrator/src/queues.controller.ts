import { Controller, Inject } from '@nestjs/common';
import type { BatchOutcome, Delivery, Outcome } from '@millrace/amqp';
import { queues } from '@millrace/contracts';
import { QueueBatchHandler } from '@millrace/platform';
import type { EngineDeps } from './engine/deps.js';
import { isolateBadMessages, type BatchHandler } from './engine/isolate.js';
import { handleResults } from './engine/results.js';
import { handleTriggers } from './engine/triggers.js';
import { handleParked } from './upkeep/parked.js';

/** Token of `EngineDeps` in Nest's container. */
export const ENGINE = Symbol('ENGINE');

export const batchSize = 200;
const concurrentBatches = 2;
// One batch commits while another waits for its confirms. Under load most deliveries are bundles, so this is many batches ahead.
const batches = { maxBatch: batchSize, prefetch: batchSize, concurrentBatches };

/** Binds the engine's functions to their queues. */
@Controller()
export class QueuesController {
  private readonly handlers: Record<'results' | 'parked', BatchHandler> & { triggers: BatchHandler<BatchOutcome> };

  constructor(@Inject(ENGINE) deps: EngineDeps) {
    this.handlers = {
      triggers: isolateBadMessages(deps, (batch) => handleTriggers(deps, batch)),
      results: isolateBadMessages(deps, (batch) => handleResults(deps, batch)),
      parked: isolateBadMessages(deps, (batch) => handleParked(deps, batch), 'redeliver'),
    };
  }

  @QueueBatchHandler(queues.triggers, batches)
  triggers(batch: Delivery[]): Promise<BatchOutcome[]> {
    return this.handlers.triggers(batch);
  }

  @QueueBatchHandler(queues.results, batches)
  results(batch: Delivery[]): Promise<Outcome[]> {
    return this.handlers.results(batch);
  }

  @QueueBatchHandler(queues.parked, { maxBatch: 20, prefetch: 20 })
  parked(batch: Delivery[]): Promise<Outcome[]> {
    return this.handlers.parked(batch);
  }
}

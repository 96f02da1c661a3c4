import { applyDecorators, Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import type {
  BatchOutcome,
  ConsumeBatchesOptions,
  ConsumeOptions,
  Delivery,
  InstanceQueue,
  Outcome,
} from '@millrace/amqp';
import { MessagePattern } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';

/** Keeps handlers of queues apart from those of other transports in the same application. */
export const amqpTransport = Symbol('millrace.amqp');

/** A queue of the topology, by name or by a function that names it when the application starts, or one of the instance. */
export type HandledQueue = string | (() => string) | InstanceQueue;

export type QueueHandlerOptions = Pick<
  ConsumeOptions,
  'prefetch' | 'alsoFrom' | 'concurrency' | 'maxHeldBytes' | 'turn' | 'onSubscribed' | 'onEnding'
>;
export type QueueBatchHandlerOptions = Pick<
  ConsumeBatchesOptions,
  'prefetch' | 'maxBatch' | 'maxBatchBytes' | 'maxHeldBytes' | 'maxWaitMs' | 'concurrentBatches' | 'onSubscribed'
>;

/** What a decorated method is bound to; evaluated when the application starts to listen. */
export type QueueBinding =
  | { kind: 'single'; queue: () => string | InstanceQueue; options: () => QueueHandlerOptions }
  | { kind: 'batch'; queue: () => string | InstanceQueue; options: () => QueueBatchHandlerOptions };

type Handler<Input, Answer> = (
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<(input: Input) => Promise<Answer>>,
) => void;

/** For methods that never answer `later` as well. */
type BatchHandler = <Answer extends BatchOutcome>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<(batch: Delivery[]) => Promise<Answer[]>>,
) => void;

/**
 * The method gets each delivery of the queue and returns what becomes of it. It may say `done` only when all that follows
 * from the delivery is durable; when it throws, the message comes again. Options may be a function, for what is known
 * only at run time.
 */
export function QueueHandler(
  queue: HandledQueue,
  options: QueueHandlerOptions | (() => QueueHandlerOptions),
): Handler<Delivery, Outcome> {
  return bind({ kind: 'single', queue: lazyQueue(queue), options: lazy(options) });
}

/** As `QueueHandler`, for batches of deliveries: one outcome each, in the same order, some of them `later`. */
export function QueueBatchHandler(
  queue: HandledQueue,
  options: QueueBatchHandlerOptions | (() => QueueBatchHandlerOptions),
): BatchHandler {
  return bind({ kind: 'batch', queue: lazyQueue(queue), options: lazy(options) });
}

const bindingKey = 'queueBinding';

/** The binding of a handler that Nest has registered. Throws for one that was made by another decorator. */
export function queueBindingOf(extras: Readonly<Record<string, unknown>> | undefined): QueueBinding {
  const binding = extras?.[bindingKey];
  if (!binding) throw new Error('AmqpServer takes methods with @QueueHandler or @QueueBatchHandler only');
  return binding as QueueBinding;
}

let handlers = 0;

function bind(binding: QueueBinding): MethodDecorator {
  handlers += 1;
  return applyDecorators(
    // Nest keys handlers by pattern; two methods may well share a queue.
    MessagePattern(`queue handler ${handlers}`, amqpTransport, { [bindingKey]: binding }),
    UseFilters(new Rethrow()),
  );
}

/** Nest would replace an error by "Internal server error"; the consumer has to log the real one. */
@Catch()
class Rethrow implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

function lazy<T extends object>(value: T | (() => T)): () => T {
  return typeof value === 'function' ? value : () => value;
}

function lazyQueue(queue: HandledQueue): () => string | InstanceQueue {
  return typeof queue === 'function' ? queue : () => queue;
}

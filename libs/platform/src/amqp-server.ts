import {
  consume,
  consumeBatches,
  type AmqpSession,
  type Consumer,
  type Delivery,
  type BatchOutcome,
  type Outcome,
  type BatchParker,
} from '@millrace/amqp';
import type { Logger } from '@millrace/observability';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { amqpTransport, queueBindingOf, type QueueBinding } from './queue-handler.js';

export interface AmqpServerOptions {
  /** Where messages come in. The server neither opens nor closes it. */
  session: AmqpSession;
  /** Where messages go that cannot be handled. */
  park: BatchParker;
  logger: Logger;
  /** How long `close` waits for handlers; what is unfinished then is delivered again. Default 20 s. */
  drainTimeoutMs?: number;
}

const defaultDrainTimeoutMs = 20_000;

/**
 * Nest's transport over `@millrace/amqp`: each method with `@QueueHandler` or `@QueueBatchHandler` becomes a consumer of
 * its queue. Guards, pipes, interceptors and filters of Nest apply as usual; without any, a message costs two more
 * promises than a plain function.
 */
export class AmqpServer extends Server implements CustomTransportStrategy {
  override readonly transportId = amqpTransport;
  private readonly consumers: { queue: string; consumer: Consumer }[] = [];
  private readonly options: AmqpServerOptions;

  constructor(options: AmqpServerOptions) {
    super();
    this.options = options;
  }

  /** Starts all consumers. Does not wait for the broker: a consumer subscribes as soon as there is one. */
  listen(callback: (error?: unknown) => void): void {
    try {
      for (const handler of this.messageHandlers.values()) this.start(handler);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Resolves when every queue is subscribed for the first time. */
  async subscribed(): Promise<void> {
    await Promise.all(this.consumers.map(({ consumer }) => consumer.started));
  }

  /** A readiness check: throws with the reason while the broker is away or a queue is not subscribed at present. */
  assertReady(): void {
    const { state } = this.options.session;
    if (state !== 'up' && state !== 'blocked') throw new Error(`the session with the broker is ${state}`);
    if (this.consumers.length === 0) throw new Error('no queue is consumed');
    const missing = this.consumers.filter(({ consumer }) => !consumer.subscribed).map(({ queue }) => queue);
    if (missing.length > 0) throw new Error(`not subscribed: ${missing.join(', ')}`);
  }

  /** Drains: no new deliveries, handlers end and are acked. */
  async close(): Promise<void> {
    const timeoutMs = this.options.drainTimeoutMs ?? defaultDrainTimeoutMs;
    await Promise.all(this.consumers.splice(0).map(({ consumer }) => consumer.close(timeoutMs)));
  }

  /** Nothing of the session's life is an event of this server: see `AmqpSession.onState`. */
  on(): never {
    throw new Error('AmqpServer has no events; use the session');
  }

  unwrap<T = AmqpSession>(): T {
    return this.options.session as T;
  }

  private start(handler: MessageHandler): void {
    const binding = queueBindingOf(handler.extras);
    const consumer = this.consume(binding, handler);
    this.consumers.push({ queue: consumer.queue ?? 'of this instance', consumer });
  }

  private consume(binding: QueueBinding, handler: MessageHandler): Consumer {
    const { session, park, logger } = this.options;
    switch (binding.kind) {
      case 'single':
        return consume(session, {
          ...binding.options(),
          queue: binding.queue(),
          logger,
          park,
          handle: (delivery) => answerOf<Outcome>(handler, delivery),
        });
      case 'batch':
        return consumeBatches(session, {
          ...binding.options(),
          queue: binding.queue(),
          logger,
          park,
          handle: (batch) => answerOf<BatchOutcome[]>(handler, batch),
        });
    }
  }
}

/** Nest hands out what the method returned, or an observable of it as soon as an interceptor or a filter took part. */
async function answerOf<Answer>(handler: MessageHandler, input: Delivery | Delivery[]): Promise<Answer> {
  const answer: unknown = await handler(input);
  return (isObservable(answer) ? await lastValueFrom(answer) : answer) as Answer;
}

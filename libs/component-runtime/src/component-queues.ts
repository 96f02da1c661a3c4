import { consume, type AmqpSession, type Consumer, type Delivery, type Outcome, type Parker } from '@millrace/amqp';
import { asideQueues, rpcQueue, stepQueue } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { FairSlots } from './fair-slots.js';
import type { StepHandler } from './handle-step.js';

export interface ComponentQueues {
  /** Resolves when all are subscribed for the first time. */
  subscribed(): Promise<void>;
  /** A readiness check: throws with the reason while the broker is away or a queue is not subscribed at present. */
  assertReady(): void;
  /** Drains: no new deliveries, handlers end and are acked. */
  close(drainTimeoutMs: number): Promise<void>;
}

/** Calls of the control plane at the same time; they are few, and must not wait behind steps. */
const callConcurrency = 10;
const mib = 1024 * 1024;

/** Consumes the queues of one component. Does not wait for the broker: it subscribes as soon as there is one. */
export function consumeQueues(options: {
  name: string;
  session: AmqpSession;
  park: Parker;
  logger: Logger;
  concurrency: number;
  slots: FairSlots;
  steps: StepHandler;
  answerCall(delivery: Delivery): Promise<Outcome>;
}): ComponentQueues {
  const { name, session, park, logger, concurrency, slots, steps } = options;
  const aside = Object.values(asideQueues(name));
  // No more than run: whoever scales the component sees the others as ready, and a crash costs them no delivery. Those ahead
  // take the next slots without a round trip, and show whether other flows wait behind a slow one. The broker delivers and
  // takes acks in larger pieces, too: with a quarter as many ahead it took a fifth more processor time.
  const ahead = concurrency;
  const consumers: Consumer[] = [
    consume(session, {
      queue: stepQueue(name),
      prefetch: concurrency + ahead,
      maxHeldBytes: 32 * mib,
      alsoFrom: aside.map((queue) => ({ queue, prefetch: slots.common, maxHeldBytes: 16 * mib })),
      turn: (delivery) => steps.turn(delivery),
      onEnding: () => slots.close(),
      logger,
      park,
      handle: (delivery) => steps.handle(delivery),
    }),
    consume(session, {
      queue: rpcQueue(name),
      prefetch: callConcurrency,
      // Whoever asks waits, and hears of an end of the process by the watchdog or by a time-out. A question that came again
      // would end the next process as well.
      acks: 'first',
      logger,
      park,
      handle: (delivery) => options.answerCall(delivery),
    }),
  ];

  return {
    async subscribed() {
      await Promise.all(consumers.map(({ started }) => started));
    },
    assertReady() {
      if (session.state !== 'up' && session.state !== 'blocked') {
        throw new Error(`the session with the broker is ${session.state}`);
      }
      const missing = consumers.filter(({ subscribed }) => !subscribed).map(({ queue }) => queue);
      if (missing.length > 0) throw new Error(`not subscribed: ${missing.join(', ')}`);
    },
    async close(drainTimeoutMs) {
      await Promise.all(consumers.map((consumer) => consumer.close(drainTimeoutMs)));
    },
  };
}

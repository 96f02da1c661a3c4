import { asideQueues, rpcQueue, stepQueue } from '@millrace/contracts';
import type { Delivery, Outcome, Turn } from '@millrace/amqp';
import { QueueHandler } from '@millrace/platform';
import { Controller, Module, type Type } from '@nestjs/common';

export interface ComponentHandlers {
  step: {
    turn(delivery: Delivery): Turn;
    handle(delivery: Delivery): Promise<Outcome>;
    /** Nothing more comes: what has not begun is to be given back. */
    end(): void;
  };
  call(delivery: Delivery): Promise<Outcome>;
}

/** Calls of the control plane at the same time; they are few, and must not wait behind steps. */
const callConcurrency = 10;

const mib = 1024 * 1024;

/** The Nest module of one component: its two queues, bound to its handlers. */
export function componentModule(options: {
  name: string;
  concurrency: number;
  /** Slots that steps of slow flows may have. */
  common: number;
  handlers: ComponentHandlers;
}): Type {
  const { name, concurrency, common, handlers } = options;
  const asides = Object.values(asideQueues(name));

  @Controller()
  class ComponentController {
    // Few more than run: whoever scales the component sees the others as ready, and a crash costs them no delivery. Those
    // ahead take the next slots without a round trip, and show whether other flows wait behind a slow one.
    @QueueHandler(stepQueue(name), {
      prefetch: concurrency + Math.max(1, Math.floor(concurrency / 4)),
      maxHeldBytes: 32 * mib,
      alsoFrom: asides.map((queue) => ({ queue, prefetch: common, maxHeldBytes: 16 * mib })),
      turn: (delivery) => handlers.step.turn(delivery),
      onEnding: () => handlers.step.end(),
    })
    step(delivery: Delivery): Promise<Outcome> {
      return handlers.step.handle(delivery);
    }

    @QueueHandler(rpcQueue(name), { prefetch: callConcurrency })
    call(delivery: Delivery): Promise<Outcome> {
      return handlers.call(delivery);
    }
  }

  @Module({ controllers: [ComponentController] })
  class ComponentModule {}

  return ComponentModule;
}

import { rpcQueue, stepQueue } from '@millrace/contracts';
import type { Delivery, Outcome } from '@millrace/amqp';
import { QueueHandler } from '@millrace/platform';
import { Controller, Module, type Type } from '@nestjs/common';

export interface ComponentHandlers {
  step(delivery: Delivery): Promise<Outcome>;
  call(delivery: Delivery): Promise<Outcome>;
}

/** Calls of the control plane at the same time; they are few, and must not wait behind steps. */
const callConcurrency = 10;

/** The Nest module of one component: its two queues, bound to its handlers. */
export function componentModule(options: { name: string; concurrency: number; handlers: ComponentHandlers }): Type {
  const { name, concurrency, handlers } = options;

  @Controller()
  class ComponentController {
    // Twice the concurrency, so that the next step is here when one ends.
    @QueueHandler(stepQueue(name), { prefetch: 2 * concurrency, concurrency })
    step(delivery: Delivery): Promise<Outcome> {
      return handlers.step(delivery);
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

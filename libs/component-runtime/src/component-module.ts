import { rpcQueue, stepQueue } from '@millrace/contracts';
import type { Delivery, Outcome, Turn } from '@millrace/amqp';
import { QueueHandler } from '@millrace/platform';
import { Controller, Module, type Type } from '@nestjs/common';

export interface ComponentHandlers {
  step: { turn(delivery: Delivery): Turn; handle(delivery: Delivery): Promise<Outcome> };
  call(delivery: Delivery): Promise<Outcome>;
}

/** Calls of the control plane at the same time; they are few, and must not wait behind steps. */
const callConcurrency = 10;

/** The Nest module of one component: its two queues, bound to its handlers. */
export function componentModule(options: { name: string; concurrency: number; handlers: ComponentHandlers }): Type {
  const { name, concurrency, handlers } = options;

  @Controller()
  class ComponentController {
    // No more than run: whoever scales the component sees the others as ready, and a crash costs them no delivery.
    @QueueHandler(stepQueue(name), { prefetch: concurrency, turn: (delivery) => handlers.step.turn(delivery) })
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

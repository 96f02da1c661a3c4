import type { Delivery } from '@millrace/amqp';
import { describe, expect, it } from 'vitest';
import { createStepHandler, type StepHandlerDeps } from './handle-step.js';
import { RunningSteps } from './running-steps.js';

/** Nothing of what a step needs to run is used to tell its turn. */
const handlerOfNothing = (): ReturnType<typeof createStepHandler> =>
  createStepHandler({ component: { name: 'x' } } as StepHandlerDeps, new RunningSteps());
const deliveryOf = (messageId: string, deliveryCount: number): Delivery =>
  ({ messageId, deliveryCount, headers: {} as Delivery['headers'] }) as Delivery;

describe('the turn of a step', () => {
  it('is to share until two processes were lost with it, then to be alone', () => {
    const handler = handlerOfNothing();
    expect([0, 1, 2, 9].map((count) => handler.turn(deliveryOf(`m${count}`, count)))).toEqual([
      'shared',
      'shared',
      'alone',
      'alone',
    ]);
  });

  it('stays the same when this process lost the connection and lived on', () => {
    const handler = handlerOfNothing();
    const turns = Array.from({ length: 12 }, (_, count) => handler.turn(deliveryOf('m', count)));
    expect(new Set(turns)).toEqual(new Set(['shared']));
  });
});

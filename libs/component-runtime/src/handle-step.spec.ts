import { DONE, type Delivery, type OutgoingMessage } from '@millrace/amqp';
import type { Component } from '@millrace/component-sdk';
import { describe, expect, it } from 'vitest';
import { encodeStepMessage, stepMessageId, stepQueue } from '@millrace/contracts';
import { stepOf } from '../test/hosted.js';
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

describe('a step that has waited for a slot for as long as it may', () => {
  it.each([0, 1])('goes to the end of its queue as the same message, and keeps its %i losses', async (losses) => {
    const component = { name: 'x' } as Component;
    const sent: OutgoingMessage[] = [];
    const deps = {
      component,
      slots: { enter: () => ({ entry: 'later' }) },
      publisher: { publish: (message: OutgoingMessage) => Promise.resolve(void sent.push(message)) },
      metrics: { count: () => undefined },
    } as unknown as StepHandlerDeps;
    const step = stepOf(component, 'work');
    const queue = stepQueue('x');
    const [body, messageId] = [encodeStepMessage(step), stepMessageId(step)];
    const delivery = { ...deliveryOf(messageId, losses), body, queue } as Delivery;
    expect(await createStepHandler(deps, new RunningSteps()).handle(delivery)).toBe(DONE);
    const headers = losses > 0 ? { 'x-lost-before': losses } : {};
    expect(sent).toMatchObject([{ exchange: '', routingKey: queue, body, messageId, headers }]);
  });
});

import { describe, expect, it } from 'vitest';
import { compileMapping } from '@millrace/mapping';
import type { MappingOutcome } from './outcome.js';
import { createTaskQueue } from './queue.js';
import { prepare, type Task } from './task.js';

function taskOf(expression: string): Task {
  const mapping = compileMapping(expression).compiled;
  const context = { output: {}, steps: {}, request: undefined, run: {}, seed: '', now: 0 };
  const ignore = (): void => undefined;
  return { mapping, prepared: prepare(mapping), context, alone: false, resolve: ignore, reject: ignore };
}

const good: MappingOutcome = { ok: true, value: 1 };
const failed = (expression: string, code: string): MappingOutcome => ({
  ok: false,
  errors: [{ pointer: '', expression, position: 0, code, message: '', inputShape: '' }],
});

describe('the queue of evaluations', () => {
  it('gives them in the order in which they came', () => {
    const queue = createTaskQueue();
    const [first, second, third] = [taskOf('1+1'), taskOf('2+2'), taskOf('3+3')];
    queue.add(first);
    queue.add(second);
    expect(queue.take()).toBe(first);
    queue.add(third);
    queue.putBack([first]);
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([first, second, third, undefined]);
  });

  it('lets an expression run alone that has exceeded time or memory, until it has been good for long', () => {
    const queue = createTaskQueue();
    queue.learn(taskOf('1+1'), failed('1+1', 'time_exceeded'));
    for (let times = 0; times < 20; times += 1) {
      queue.add(taskOf('1+1'));
      expect([queue.waiting, queue.waitingAlone]).toEqual([0, 1]);
      queue.learn(queue.takeAlone()!, good);
    }
    queue.add(taskOf('1+1'));
    expect([queue.waiting, queue.waitingAlone]).toEqual([1, 0]);
  });

  it('takes what waits of an expression out of the line of all others as soon as it has exceeded a limit', () => {
    const queue = createTaskQueue();
    const [first, second, other] = [taskOf('1+1'), taskOf('1+1'), taskOf('2+2')];
    for (const task of [first, other, second]) queue.add(task);
    queue.learn(taskOf('1+1'), failed('1+1', 'time_exceeded'));
    expect([queue.waiting, queue.waitingAlone]).toEqual([1, 2]);
    expect([queue.take(), queue.takeAlone(), queue.takeAlone()]).toEqual([other, first, second]);
    expect([first.alone, other.alone, second.alone]).toEqual([true, false, true]);
  });

  it('puts back apart what became dangerous while it was in a process', () => {
    const queue = createTaskQueue();
    const [neighbour, other] = [taskOf('1+1'), taskOf('2+2')];
    queue.learn(taskOf('1+1'), failed('1+1', 'time_exceeded'));
    queue.putBack([neighbour, other]);
    expect([queue.take(), queue.take(), queue.takeAlone()]).toEqual([other, undefined, neighbour]);
  });

  it('does not mind errors of other kinds, nor other expressions', () => {
    const queue = createTaskQueue();
    queue.learn(taskOf('1+"a"'), failed('1+"a"', 'T2002'));
    queue.learn(taskOf('2+2'), failed('2+2', 'memory_exceeded'));
    queue.add(taskOf('1+"a"'));
    queue.add(taskOf('3+3'));
    expect([queue.waiting, queue.waitingAlone, queue.size]).toEqual([2, 0, 2]);
  });
});

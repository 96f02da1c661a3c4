/* Flows of very different pace on one process of a component, with a real broker. */
import { action, defineComponent } from '@millrace/component-sdk';
import { asideQueues, newId, stepQueue, stepQueues, type FlowId } from '@millrace/contracts';
import { eventually, useVhost } from '@millrace/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { host, stepOf, surround, type Surroundings } from '../test/hosted.js';
import type { RunningComponent } from './start-component.js';

const vhost = useVhost();
const paced = defineComponent({
  name: 'paced',
  title: 'Paced',
  version: '1.0.0',
  actions: {
    take: action({
      title: 'Take a while',
      input: z.object({ ms: z.number() }),
      output: z.unknown(),
      run: async ({ input, signal }) => delay(input.ms, 'done', { signal }),
    }),
  },
});

let around: Surroundings;
const started: RunningComponent[] = [];
async function start(env: Record<string, string> = {}): Promise<RunningComponent> {
  const running = await host(paced, { AMQP_URL: vhost.amqpUrl, ...env }, { drainTimeoutMs: 2_000 });
  started.push(running);
  await running.subscribed();
  return running;
}

beforeEach(async () => {
  around = await surround(vhost.amqpUrl, paced);
});
afterEach(async () => {
  for (const running of started.splice(0)) await running.close();
  await around.close();
});

async function sendMany(flowId: FlowId, count: number, ms: number): Promise<void> {
  const steps = Array.from({ length: count }, () =>
    stepOf(paced, 'take', { flowId, input: { ms }, timeoutMs: 60_000 }),
  );
  for (let at = 0; at < count; at += 500) await Promise.all(steps.slice(at, at + 500).map(around.sendStep));
}

async function ready(queue: string): Promise<number> {
  return (await around.sessions.consuming.messageCount(queue)) ?? 0;
}

describe('a slow flow', () => {
  it('with 5,000 steps queued first does not keep the step of another one waiting', async () => {
    await sendMany(newId<FlowId>(), 5_000, 2_000);
    const quick = stepOf(paced, 'take', { input: { ms: 1 } });
    await around.sendStep(quick);
    await start();
    const startedAt = performance.now();
    await eventually(() => expect(around.results.some(({ runId }) => runId === quick.runId)).toBe(true), {
      timeoutMs: 20_000,
    });
    // 64 at a time would take two and a half minutes; the bound is wide for a busy machine.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    // Whatever does not run or stand ahead is in the queues to be seen.
    const counts = await Promise.all(stepQueues('paced').map(ready));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(4_500);
  }, 60_000);

  it('has all of its steps run, each once, also those that were put aside', async () => {
    await start({ CONCURRENCY: '16' });
    await sendMany(newId<FlowId>(), 150, 150);
    await eventually(() => expect(around.results.length).toBeGreaterThanOrEqual(150), { timeoutMs: 20_000 });
    expect(new Set(around.results.map(({ runId }) => runId)).size).toBe(150);
    expect(around.results).toHaveLength(150);
    for (const queue of stepQueues('paced')) expect(await ready(queue)).toBe(0);
  }, 40_000);

  it('leaves what is put aside to other processes, and what waits when the process ends is not counted as lost', async () => {
    const first = await start({ CONCURRENCY: '1' });
    await sendMany(newId<FlowId>(), 6, 1_500);
    await eventually(async () => expect(await ready(asideQueues('paced').slow)).toBeGreaterThan(0));
    await first.close();
    const left = await Promise.all([stepQueue('paced'), ...Object.values(asideQueues('paced'))].map(ready));
    expect(left.reduce((sum, count) => sum + count, 0)).toBe(6 - around.results.length);
    await start({ CONCURRENCY: '16' });
    await eventually(() => expect(around.results).toHaveLength(6), { timeoutMs: 10_000 });
  }, 40_000);
});
